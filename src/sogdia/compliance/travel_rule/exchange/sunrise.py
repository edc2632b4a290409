"""The sunrise: transfers that go ahead while the other end cannot receive data yet.

Where the corridor allows it, the demanded data is obtained, validated and kept, and sent once the
counterparty has proved who it is. Where the house's own law demands the exchange first, nothing is
kept and the value does not move.
"""

from dataclasses import replace

from sogdia.compliance.travel_rule.corridor.policy import (
    Action,
    Corridor,
    CorridorDecision,
    Reach,
    decide,
)
from sogdia.compliance.travel_rule.exchange.house import House
from sogdia.compliance.travel_rule.exchange.originating import (
    Draft,
    build_transfer,
    inquiry_of,
    refuse_draft,
)
from sogdia.compliance.travel_rule.institutions.licence import Unauthenticated
from sogdia.compliance.travel_rule.transfers import (
    DEADLINE_MAX,
    ExchangeRefused,
    State,
    Transfer,
    refuse_order,
)


def keep(
    house: House, draft: Draft, state: str | None, reach: Reach, actor: str
) -> tuple[Transfer, CorridorDecision]:
    """Keep the data of a transfer whose other end cannot receive it; nothing is sent.

    `state` is the counterparty's, `None` for a wallet without an institution.

    Raises:
        ExchangeRefused: `held`, with the reasons, when the value may not move; `reachable` when the
            counterparty is authenticated; `missing-data`, `bad-amount`, `bad-deadline`.
        PayloadRefused: the payload breaks IVMS101.
    """
    identifier, now = str(house.new_id()), house.clock()
    if reach is Reach.AUTHENTICATED:
        raise ExchangeRefused("reachable", identifier, "the counterparty can receive: inquire")
    refuse_draft(draft, now, identifier)
    corridor = Corridor(house.state, state, draft.values, reach, now)
    decision = decide(corridor, house.rules, house.policy)
    if decision.action is Action.HOLD:
        raise ExchangeRefused("held", identifier, "; ".join(decision.reasons))
    transfer = build_transfer(house, draft, identifier, decision.demanded)
    kept = replace(transfer, state=State.KEPT)
    return house.commit_order(kept, None, actor, None), decision


def send_kept(house: House, transfer_id: str, actor: str) -> Transfer:
    """Send what was kept, now that the counterparty is authenticated.

    Raises:
        Unauthenticated: it is not; recorded, and the transfer stays kept.
        ExchangeRefused: `wrong-state`.
    """
    transfer = house.get_transfer(transfer_id)
    refuse_order(transfer, "originator", State.KEPT)
    try:
        house.directory.find(transfer.counterparty)
    except Unauthenticated as refused:
        house.record(refused.reason, refused.institution, refused.detail, transfer_id)
        raise
    after = replace(transfer, state=State.INQUIRED, respond_by=house.clock() + DEADLINE_MAX)
    return house.commit_order(after, transfer, actor, inquiry_of(after))
