"""The drill `work-ban`: the miners of one jurisdiction, with most of the work, leave at once.

D1  What a node said while it happened is written down when it is said, and judged at the end
    against what every node then holds. Nothing is asked of a node after the fact that it could
    answer kindly.
D2  The judgement knows nothing of how nodes decide: it compares hashes and lists of
    transactions.
"""
