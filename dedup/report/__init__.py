"""Render frames for people: terminal, HTML page, JSON, files, and the explanation of a pair."""
