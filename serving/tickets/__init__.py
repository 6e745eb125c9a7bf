"""From tickets to durable decisions, and their addresses."""
