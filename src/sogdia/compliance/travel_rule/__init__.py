"""The travel rule: who sends and who receives, told by one institution to the other.

Bottom to top: `ivms101` is the data and its constraints; `corridor` says what two states demand of
one transfer; `institutions` says who the counterparty is and how that was proved; `envelope` signs
and seals; `exchange` carries one transfer from inquiry to confirmation; `server` and `client` speak
HTTPS.

    T1  No personal data is sealed to a key that a trusted authority did not vouch for.
    T2  Every refusal is recorded, with its reason and what was presented.
    T3  The ledger is given a salted commitment and nothing else.
"""
