"""A network of real nodes on one machine, and the drills that run on it.

Each node is a process of its own, `sogdia node`, with its own data, ports and share of the work.
This package plans them, starts and stops them, cuts and heals the lines between them, and watches
what they say over JSON-RPC. Only the command line imports it.

    L1  What is running can be told, and ended, without the command that started it: a process is
        known by its number and the moment it began, both on disk.
    L2  Nothing here looks into a node: what is shown is what any user of its RPC port can see.
"""
