"""Jurisdiction rule packs: dated, signed law of several states, decided with reasons.

    packs = load_shipped()
    book = RuleBook(packs)
    facts = Facts.from_json(text, book.vocabulary)
    decision = decide(book, facts, at)

Nothing here is legal advice, and no pack that ships is signed by an authority.
"""

from sogdia.compliance.rules.amounts import Amount
from sogdia.compliance.rules.deciding import decide
from sogdia.compliance.rules.decision import Conflict, Decision, Freeze, Spoken
from sogdia.compliance.rules.errors import (
    AmountError,
    ConditionError,
    EvidenceError,
    FactError,
    PackError,
    PackMalformed,
    PackUnreadable,
    RulesError,
    RuleUnlawful,
    SuccessionError,
    UnknownTerm,
)
from sogdia.compliance.rules.facts import Facts
from sogdia.compliance.rules.loading import load_pack
from sogdia.compliance.rules.pack import Action, Pack, Rule
from sogdia.compliance.rules.rulebook import RuleBook
from sogdia.compliance.rules.shelf import load_packs, load_shipped
from sogdia.compliance.rules.vectors import run_vectors
from sogdia.compliance.rules.vocabulary import Vocabulary

__all__ = [
    "Action",
    "Amount",
    "AmountError",
    "ConditionError",
    "Conflict",
    "Decision",
    "EvidenceError",
    "FactError",
    "Facts",
    "Freeze",
    "Pack",
    "PackError",
    "PackMalformed",
    "PackUnreadable",
    "Rule",
    "RuleBook",
    "RuleUnlawful",
    "RulesError",
    "Spoken",
    "SuccessionError",
    "UnknownTerm",
    "Vocabulary",
    "decide",
    "load_pack",
    "load_packs",
    "load_shipped",
    "run_vectors",
]
