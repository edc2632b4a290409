"""Strangers' nodes, spoken to with limits on everything: frames, sessions, peers and messages.

Knows bytes and messages, not consensus. What a message means is `sync`'s to say.
"""
