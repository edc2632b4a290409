"""Miners who do not play fair; a module for each way.

They have the real engine too: what they send is valid as far as it can be. They see an honest node
at once and without delay, and choose when to show what.
"""
