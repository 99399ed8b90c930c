"""Scripts of Prometheus' own test suite, and its notation of series."""
