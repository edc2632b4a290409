"""What is built from the pool: blocks, and the work that makes them valid."""
