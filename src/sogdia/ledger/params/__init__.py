"""Constants of the networks, each with its derivation."""
