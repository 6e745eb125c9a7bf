"""How good a model is and whether it may replace another: figures, intervals, comparison, gate."""
