"""Labelled files -> a corpus: reading, near-duplicates, splits, what a model has learned already."""
