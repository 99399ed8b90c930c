"""Find the raw series that play a scenario."""
