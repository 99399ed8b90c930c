"""Plan what people look at: dashboards, Alertmanager's configuration, runbooks."""
