"""Headline to KEYS: characters, furniture, numbers, spelling variants; pure functions and data files."""
