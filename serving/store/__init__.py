"""The durable memory of the service: tickets with their decisions, and corrections. SQLite or PostgreSQL."""

from serving.store.rows import Correction, NewCorrection, NewTicket, Revision, Saved, TicketRecord
from serving.store.store import Store

__all__ = ["Correction", "NewCorrection", "NewTicket", "Revision", "Saved", "Store", "TicketRecord"]
