"""burnproof: compile SLOs into Prometheus rules and alerts, with unit tests that show when each alert fires."""

__version__ = "0.1.0"
