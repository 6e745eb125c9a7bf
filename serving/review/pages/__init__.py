"""The desk and what belongs to it: home, search, a ticket's history, conflicts."""
