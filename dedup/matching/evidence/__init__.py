"""Candidate pairs to evidence: word alignment, overlap, facts, neighbours, similarity."""
