"""How far a text is of the kind that the model has learned from."""
