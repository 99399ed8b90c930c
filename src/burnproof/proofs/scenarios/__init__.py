"""The scenarios that prove an alert, one file for each."""
