"""The corridor: what the states at both ends of a transfer demand, and what to do without a rule.

`rules` loads the states' rules from TOML, `elements` finds demanded data in a payload, `policy`
decides.

    P1  The lowest trigger of both ends applies: what either state demands is demanded.
    P2  A value that is not known counts as above every threshold.
    P3  A draft never decides; an absent rule is said, never taken for freedom.
"""
