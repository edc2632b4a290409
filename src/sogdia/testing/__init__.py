"""Fixtures of pytest for whoever tests against a Sogdia node."""
