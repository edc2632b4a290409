"""For every test: the recursion limit of a fresh interpreter.

Libraries that tests use as oracles import `py_ecc`, which sets it to 100,000; the node never does
(`sogdia.eth_accounts`), and deep input must be met as it would be there.
"""

import sys

_limit = sys.getrecursionlimit()

import py_ecc  # noqa: E402, F401

sys.setrecursionlimit(_limit)
