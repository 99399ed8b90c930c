"""A release judged by the SLOs of its service: client-side checks on results, server-side SLIs over a span."""
