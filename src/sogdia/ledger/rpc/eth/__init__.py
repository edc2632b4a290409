"""The `eth_` methods. Here, and nowhere else, an epoch is called a block.

number = the epoch's number · hash = its pivot block · transactions = what the epoch executed.
"""
