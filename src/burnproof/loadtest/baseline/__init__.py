"""Keep runs, compare comparable ones, watch their trend, derive thresholds from them."""
