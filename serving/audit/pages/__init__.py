"""The truth page."""
