"""One institution's side of every exchange: what it sends, what it believes, what it refuses.

Nothing here touches the network: messages come in as sealed texts and go out through the journal's
outbox, so that what was promised survives a crash before it is delivered. Clock and randomness are
handed in.

    X1  A message changes a transfer only when it comes from that transfer's counterparty, fits its
        state and arrives before its deadline.
    X2  Both ends compute the commitment themselves; a difference stops the exchange.
    X3  Every refusal is in the record before its exception reaches the caller.
"""
