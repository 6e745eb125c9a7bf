"""The HTTP contract, as a Starlette application that knows nothing of BentoML."""
