"""Cumulative limits over venues that may not see each other's clients.

    venue ──blinded identifier──▶ blinder          learns which venue asks, nothing of whom
    venue ──index, one share────▶ three parties    each learns an index and a random number
    venue ◀─one share of a bit─── three parties    two of them would have to collude to learn more

The venue turns a client's identifier into an index by a verifiable oblivious pseudorandom function
(RFC 9497), of which the blinder holds the key. It splits the deposit into three Shamir shares, of
which any one is a random number. The parties add and compare under multi-party computation (MPyC),
and the venue puts together the one bit: whether the deposit still fits. The threat model, and what
this leaks, stands in `docs/guides/rules.md`.
"""
