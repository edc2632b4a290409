"""Validation of a header; a file's name says what its rules may look at."""
