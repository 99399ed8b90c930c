"""How strong proofs are: rules changed one at a time, and the proofs run against each change."""
