"""The `admin_` methods: what only whoever runs the node may ask, on the guarded socket."""
