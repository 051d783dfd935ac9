"""Headlines with the statistics of a real corpus, any number of them, and copies and rewrites whose truth is known."""
