"""Change rules one at a time and see whether a test notices."""
