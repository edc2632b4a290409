"""Institutions: their keys, who vouches for them, and the address book.

I1  An institution's keys are those in an entry that a trusted authority, or a certificate under
    a trusted root, signed; keys that the institution merely offers are never used.
I2  An authority licenses institutions of its own state only.
I3  An entry older than one already seen of the same institution is refused.
"""
