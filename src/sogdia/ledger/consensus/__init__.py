"""The Tree-Graph rules: which chain is pivot, which blocks count, in which order they execute.

Everything outside sees `api` only. Inside: `stores` hold, `processes` are the rules and read,
`pipeline` validates and alone writes, `engine` joins them.
"""
