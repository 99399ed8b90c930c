"""A service to look at: CA3's metrics, endpoints and streams with faults on request, watched by a real Prometheus."""
