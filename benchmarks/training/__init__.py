"""Training of the score models and of the table of word counts."""
