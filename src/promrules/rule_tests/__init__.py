"""Unit tests of Prometheus rules, with the file format and the results of `promtool test rules`."""
