"""Contracts that a network begins with, where every chain that has them keeps them.

Each is (address, code), as `Genesis.contracts` takes it.
"""

HISTORY_CONTRACT = (
    bytes.fromhex("0000f90827f1c53a10cb7a02335b175320002935"),
    bytes.fromhex(
        "3373fffffffffffffffffffffffffffffffffffffffe14604657602036036042575f3560014303811160425761"
        "1fff81430311604257611fff9006545f5260205ff35b5f5ffd5b5f35611fff60014303065500"
    ),
)
"""EIP-2935: answers the pivot of one of the 8,191 epochs before the present one; every epoch writes
one (ADR 0190). The executor knows the address."""

DEPLOYER_CONTRACT = (
    bytes.fromhex("4e59b44847b379578588920ca78fbf26c0b4956c"),
    bytes.fromhex(
        "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe036016000816020823780358282"
        "34f58015156039578182fd5b8082525050506014600cf3"
    ),
)
"""Deploys by CREATE2 what it is sent: 32 bytes of salt, then init code. Foundry's scripts and many
projects' deployments send there, and take it to be on every chain."""
