"""dedup inside other programs; each module needs the extra of its name."""
