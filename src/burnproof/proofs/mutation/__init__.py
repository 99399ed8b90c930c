"""Measure how much proofs notice: change rules one at a time, and run the proofs."""
