"""Labelled tickets -> a tracked, evaluated, registered model: corpus, split, fit, evaluate, track, and the commands for it."""
