"""Serve a small service to look at: metrics, endpoints and streams with faults on request."""
