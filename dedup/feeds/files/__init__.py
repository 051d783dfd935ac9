"""Files to bytes: discovery, archives, encodings, limits."""
