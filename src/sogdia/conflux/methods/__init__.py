"""The methods that the harness calls, a module per namespace. Each module lists its own."""
