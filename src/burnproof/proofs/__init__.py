"""Write the rule tests that prove the alerts."""
