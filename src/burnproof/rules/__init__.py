"""SLOs to recording and alerting rules."""
