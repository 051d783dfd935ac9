"""Markdown tables, charts and the records of runs."""
