"""MLflow: runs, versions, aliases, lineage, and the model as anybody can load it."""
