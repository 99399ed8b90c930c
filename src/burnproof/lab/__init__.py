"""Show what the compiled rules do in an incident, on history, and after a change of the specs."""
