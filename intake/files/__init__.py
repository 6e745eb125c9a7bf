"""Readers and writers of data files, one a format; :func:`intake.files.open.read` chooses."""
