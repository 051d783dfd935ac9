"""Corpora, labels and headline pairs of a data folder."""
