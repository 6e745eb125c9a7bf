"""Pages to sign in, to sign out, to begin, and the one that says no."""
