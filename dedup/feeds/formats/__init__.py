"""Bytes to items: one reader a format, and format detection."""
