"""Samples, label sets and what expressions evaluate to: columns over all steps at once."""
