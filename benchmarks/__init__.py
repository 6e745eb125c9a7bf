"""Speed and quality against named peers, in one run on the same tickets. ``make bench`` runs them."""
