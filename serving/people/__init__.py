"""Who may do what: people with passwords, their sessions, the helpdesk's tokens, and the guard before the pages."""

from serving.people.roles import Person

__all__ = ["Person"]
