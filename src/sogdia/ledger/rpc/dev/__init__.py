"""Methods of development chains, under the names that Hardhat, Anvil and Ganache gave them.

They exist on development networks only; elsewhere a caller is told that there is no such method.
"""
