"""Wing 1: the node. From the bottom: values, storage, consensus and execution, services."""
