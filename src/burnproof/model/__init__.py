"""Values that all stages share: SLOs, quantities, names, policies, boards."""
