"""What became of a transaction, in words: what happened, where the money is, what to do.

`facts` asks the node and judges nothing; `words` makes sentences of facts and asks nobody, so that
whoever has ABIs makes better sentences of the same facts.
"""
