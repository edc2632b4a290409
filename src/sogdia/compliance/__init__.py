"""Rules of several states, name screening and the travel rule: a library that needs no ledger."""
