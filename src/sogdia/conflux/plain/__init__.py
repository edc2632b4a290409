"""The family's wire protocol without its encryption, as the harness's own peer speaks it (§1.4).

Nothing here is proved or hidden: only `sogdia-conflux` opens this door, on the loopback address.
"""
