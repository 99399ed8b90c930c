"""Recorded runs: kept, compared with comparable ones only, watched over weeks, turned into thresholds."""
