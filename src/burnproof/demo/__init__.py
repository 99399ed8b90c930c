"""Serve a small service to look at: metrics, endpoints and streams with faults on request, watched by a real Prometheus."""
