"""The page to try a ticket on."""
