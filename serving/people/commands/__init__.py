"""``fendan user`` and ``fendan token``: who may review, and which programs may ask."""
