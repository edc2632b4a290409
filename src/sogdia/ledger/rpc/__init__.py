"""JSON-RPC: what the world outside asks this node, and how it is answered.

server.py     HTTP: sizes, times, hosts; bytes in, bytes out
dispatch.py   one call or a batch to its methods; one error shape
method.py     a method is a typed function; its parameters are checked before it runs
params.py     the kinds of parameter, with their texts when something is wrong
errors.py     every refusal, its code and its words
limits.py     every number, with its reason
backend.py    what the methods need of the node
eth/ net/ web3/ txpool/ sogdia/ debug/ trace/ dev/   the methods, one module per group
"""
