"""Run load tests from profiles with Locust, and write records for the gate."""
