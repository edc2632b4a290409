"""The graph kernel, as the rules see it: views, subtree weights, ancestry, the order.

It is compiled (`crates/core/src/graph`), keeps block indices only, and decides nothing. Its slow
twin is `tests/reference/tree_graph.py`.
"""

from sogdia._core import Graph

__all__ = ["ORIGIN", "Graph", "View"]

ORIGIN = 0
"""Index of the virtual block above the era genesis: the parent of whoever's parent is gone."""

View = tuple[int, int]
"""A cursor, valid until the next seek that moves it."""
