"""The review desk: which tickets people are asked about, in which order, by whom, and what becomes of their answers."""
