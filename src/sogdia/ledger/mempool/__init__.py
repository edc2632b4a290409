"""What waits to be packed: admission, order, limits and return of transactions."""
