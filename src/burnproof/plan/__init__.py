"""From objectives to everything that is written for them, by arithmetic alone."""
