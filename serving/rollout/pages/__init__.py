"""The page that compares champion and challenger."""
