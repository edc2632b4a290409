"""The `debug_` methods: traces, and things as their bytes. Served on development networks."""
