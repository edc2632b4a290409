"""Values: what the ledger is made of, and the errors that refuse what is not one of them."""
