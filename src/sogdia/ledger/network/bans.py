"""Who may not connect, until when, and why."""

from dataclasses import dataclass, field

from sogdia.ledger.network.errors import Banned

# Whoever has an IPv6 network has addresses without end, and every ban is saved: 2 MB of them.
BANS_MAX = 16_384


@dataclass(frozen=True, slots=True)
class Ban:
    """`who` is a host or a node id in hex; `until_s` is the moment it ends."""

    who: str
    until_s: int
    reason: str


@dataclass(slots=True)
class BanList:
    """Bans by host and by identity. Every ban ends: addresses change hands."""

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
            Banned: the host or the identity is banned at `now_s`.
        """
        for who in (host, node_id.hex() if node_id is not None else None):
            ban = self.bans.get(who) if who is not None else None
            if ban is None:
                continue
            if ban.until_s > now_s:
                raise Banned(ban.who, ban.until_s, ban.reason)
            del self.bans[ban.who]
