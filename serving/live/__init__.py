"""A running service takes up new models: watches the registry, swaps, and lets a challenger answer along in the shade."""
