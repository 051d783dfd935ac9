"""KEYS to candidate pairs: shingles, signatures, bands, word pairs, and their join within the window."""
