"""What people say is right."""
