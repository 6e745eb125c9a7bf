"""From scores to probabilities that mean what they say: one file a method, and the choice between them."""
