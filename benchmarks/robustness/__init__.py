"""Attacks on the readers: fuzzing."""
