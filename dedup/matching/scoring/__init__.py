"""Evidence to score and relation."""
