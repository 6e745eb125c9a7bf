"""The durable memory of the service. SQLite or PostgreSQL."""

from serving.store.rows import NewTicket, Saved
from serving.store.store import Store

__all__ = ["NewTicket", "Saved", "Store"]
