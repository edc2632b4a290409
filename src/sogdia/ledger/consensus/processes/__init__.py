"""The rules of the protocol, one file a rule. They read, and change nothing but their answers."""
