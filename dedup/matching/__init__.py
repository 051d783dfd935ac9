"""KEYS to PAIRS: shingles, signatures, blocking, evidence, score."""
