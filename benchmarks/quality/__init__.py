"""Accuracy: measures, baselines, commands that compare them, and the gate."""
