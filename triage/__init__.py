"""The domain: tickets, labels, predictions, policy, decisions, errors. Pure: no model, no HTTP, no database."""
