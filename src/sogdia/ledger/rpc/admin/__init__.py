"""The `admin_` methods: whom the node is joined with, decided by its operator."""
