"""Wing 1: the node. From the bottom: primitives, params, storage, consensus and execution, services."""
