"""The values that the stages hand on: SLOs, quantities, names, policies, boards."""
