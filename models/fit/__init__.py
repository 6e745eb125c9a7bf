"""From labelled texts to the parts of a model."""
