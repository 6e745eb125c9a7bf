"""``fendan export`` and ``fendan import``: labels may be given elsewhere."""
