"""The schema, step by step: Alembic runs the versions in order."""
