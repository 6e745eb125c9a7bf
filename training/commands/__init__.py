"""The commands of ``fendan`` that train and judge."""
