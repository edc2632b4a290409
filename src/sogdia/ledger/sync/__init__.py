"""Keeping up with everyone else: catching up, missing ancestors, new blocks, new transactions."""
