"""Load tests: their runs, results, baselines and gate."""
