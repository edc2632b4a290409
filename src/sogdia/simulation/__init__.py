"""Whole networks from one seed: many real consensus engines in one process, in virtual time.

    N1  A run is a function of its scenario and its seed: equal seeds, equal traces.
    N2  Every node judges every block by itself, with the engine that a real node has.
    N3  A node learns of a block by messages only; nobody but an attacker sees another's graph.

`scenario` says what is simulated, `world` joins it, `nodes` and `wire` live it, `observers` ask
what a user would ask, `conclusion` judges. What is modelled and not run stands in ADR 0105.
"""
