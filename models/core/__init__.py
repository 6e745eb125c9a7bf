"""What every kind of scorer shares: weights, pools, folds, decisions, evidence, reliability."""
