"""What people look at, as typed values: dashboards, Alertmanager's configuration, runbooks."""
