"""Who may not connect, until when, and why."""

import ipaddress
from dataclasses import dataclass, field

from sogdia.ledger.network.errors import Banned

# Whoever has an IPv6 network has addresses without end, and every ban is saved: 2 MB of them.
BANS_MAX = 16_384


@dataclass(frozen=True, slots=True)
class Ban:
    """`who` is a host, a household or a node id in hex; `until_s` is the moment it ends."""

    who: str
    until_s: int
    reason: str


def subnet_of(host: str) -> str:
    """Return the network that one machine's owner can be expected to own: /24 or /64."""
    length = 24 if ipaddress.ip_address(host).version == 4 else 64
    return str(ipaddress.ip_network(f"{host}/{length}", strict=False))


def household_of(host: str) -> str:
    """Return what is banned with a host: of IPv6 the /64, within which addresses cost nothing."""
    return host if ipaddress.ip_address(host).version == 4 else subnet_of(host)


@dataclass(slots=True)
class BanList:
    """Bans by host, household and identity. Every ban ends: addresses change hands."""

    bans: dict[str, Ban] = field(default_factory=dict)

    def add(self, ban: Ban) -> None:
        """Ban, or lengthen a ban; a shorter one never replaces a longer one.

        Beyond `BANS_MAX` the one that ends first makes room.
        """
        present = self.bans.get(ban.who)
        if present is None or present.until_s < ban.until_s:
            self.bans[ban.who] = ban
        if len(self.bans) > BANS_MAX:
            del self.bans[min(self.bans, key=lambda who: self.bans[who].until_s)]

    def live(self, *, now_s: int) -> list[Ban]:
        """Return the bans that have not ended."""
        return [ban for ban in self.bans.values() if ban.until_s > now_s]

    def lift(self, who: str, *, only_reason: str | None = None) -> bool:
        """End a ban now, if it has `only_reason` where one is given; return whether it did."""
        present = self.bans.get(who)
        if present is None or only_reason not in (None, present.reason):
            return False
        del self.bans[who]
        return True

    def check(self, *, host: str, node_id: bytes | None, now_s: int) -> None:
        """Pass, or say why not.

        Raises:
            Banned: the host, its household or the identity is banned at `now_s`.
        """
        identity = [] if node_id is None else [node_id.hex()]
        for who in (host, household_of(host), *identity):
            ban = self.bans.get(who)
            if ban is None:
                continue
            if ban.until_s > now_s:
                raise Banned(ban.who, ban.until_s, ban.reason)
            del self.bans[ban.who]
