"""The ledger as the family's reference harness drives a node: `sogdia-conflux`.

The harness starts nodes by its own command line and configuration, makes blocks by `test_` methods,
and asks by `cfx_` methods (protocol §1). Nothing of this is served by any other program of ours.
"""
