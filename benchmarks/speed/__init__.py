"""Seconds and memory of scans, indexes and comparable libraries."""
