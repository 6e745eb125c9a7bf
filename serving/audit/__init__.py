"""How good the automatic answers really are, and how far the people agree who say so."""
