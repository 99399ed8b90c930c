"""Read spec files: YAML to SLOs, and everything in them that is refused."""
