"""PromQL's functions, operators and aggregations over columns."""
