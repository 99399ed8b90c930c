"""Judge a release by SLOs: client-side checks on results, server-side SLIs over a span."""
