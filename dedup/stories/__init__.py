"""PAIRS to STORIES: the linkage rule and its application."""
