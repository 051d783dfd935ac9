"""Frames to what people see: terminal and files."""
