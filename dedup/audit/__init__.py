"""Audit a scan of one's own archive: draw pairs to label, measure accuracy, recalibrate."""
