"""An embedded PromQL engine: text to nodes, nodes and series to values that agree with Prometheus."""
