"""Sanction lists: loaders for the formats authorities publish, snapshots and their differences."""
