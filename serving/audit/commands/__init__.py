"""``fendan audit``: what the blind audit says of the automatic answers."""
