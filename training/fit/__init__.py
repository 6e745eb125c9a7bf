"""From a corpus to a fitted model: what is to be fitted, and fitting it."""
