"""The running node: settings, logs, metrics, health, and `node.py`, where the parts are joined."""
