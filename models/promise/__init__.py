"""What may be said without a person: targets, limits, and the scores they are fitted on."""
