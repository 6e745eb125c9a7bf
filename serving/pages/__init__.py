"""Pages for people: templates and static files, no framework, nothing from elsewhere."""
