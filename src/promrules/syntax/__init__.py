"""PromQL text to frozen nodes with their places, and what is known of an expression before any data."""
