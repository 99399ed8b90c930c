"""PromQL evaluated and Prometheus rules tested in Python, as Prometheus 3 and promtool do both."""
