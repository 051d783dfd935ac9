"""Frames -> what people read: files, a terminal, a page, the explanation of a pair. It knows no scan, only frames."""
