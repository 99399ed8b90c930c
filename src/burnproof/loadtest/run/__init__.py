"""Load tests from profiles: Locust makes the load, the record it leaves is what ``burnproof gate`` judges."""
