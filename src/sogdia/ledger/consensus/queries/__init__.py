"""Answers of the engine that join several rules: they read everything and change nothing."""
