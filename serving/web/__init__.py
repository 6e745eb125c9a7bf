"""What every page and address shares: bodies, answers, errors, the HTTP document, templates."""
