"""Background work: one runner, consumers of events, times that are due, one owner at a time among all processes."""
