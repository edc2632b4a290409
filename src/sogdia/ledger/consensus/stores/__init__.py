"""What consensus remembers: one file per kind of thing, and one for what is kept on disk.

S1  A block in memory is in the future of the era genesis, or is it; all others are on disk only.
S2  An active block has only active blocks in its past.
"""
