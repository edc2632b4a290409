"""Sentences about a transaction, made of `facts`.

The order is always the same: what happened, where the money is, what to do; then its place and who
called whom. Amounts keep all their decimals, with a dot; addresses have their checksum (EIP-55),
are shortened to six and six digits, and stand whole at the end.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from sogdia.ledger.primitives.address import show_address
from sogdia.ledger.rpc.eth.reverts import ERROR_SELECTOR, PANIC_SELECTOR, revert_reason

Facts = dict[str, Any]
UNIT_DRIP = 10**18
CALLS_SHOWN = 200
# The risk from which on a change is called unlikely: the one that makes an epoch `safe`.
UNLIKELY = 1e-8
NO_BREAK = "\N{NO-BREAK SPACE}"


class Names(Protocol):
    """What is known of contracts: from ABIs, or nothing."""

    def address(self, address: str) -> str | None:
        """Return a name for an address and who vouches for it."""

    def call(self, data: bytes) -> str | None:
        """Return a call as `name(arguments)`."""

    def error(self, data: bytes) -> str | None:
        """Return a custom error as `Name(arguments)`."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """`status` is one word, `fee` a few; the others are sentences, `calls` one line each."""

    status: str
    fee: str
    happened: list[str]
    money: list[str]
    todo: list[str]
    place: list[str]
    calls: list[str]
    addresses: list[str]

    def lines(self) -> list[str]:
        """Return all of it as text."""
        parts = [
            ("What happened", self.happened),
            ("Where the money is", self.money),
            ("What to do", self.todo),
            ("Its place", self.place),
            ("Who called whom", self.calls),
            ("Addresses", self.addresses),
        ]
        lines = [f"{self.status} · {self.fee}"]
        for title, sentences in parts:
            if sentences:
                lines += ["", title, *(f"  {sentence}" for sentence in sentences)]
        return lines


def explain(facts: Facts, names: Names) -> Explanation:
    """Return what became of a transaction, in words."""
    teller = _Teller(facts, names)
    happened, money, todo = {
        "Pending": teller.pending,
        "Executed": teller.executed,
        "Failed": teller.failed,
        "Skipped": teller.skipped,
        "Refused": teller.refused,
    }[facts["status"]]()
    return Explanation(
        status=facts["status"],
        fee="a fee was taken" if "fee" in facts else "no fee was taken",
        happened=happened,
        money=money,
        todo=todo,
        place=teller.place(),
        calls=list(teller.calls()),
        addresses=teller.addresses(),
    )


def amount(drip: int) -> str:
    """Write an amount with all its decimals."""
    whole, rest = divmod(drip, UNIT_DRIP)
    decimals = f"{rest:018d}".rstrip("0")
    unit = "unit" if drip == UNIT_DRIP else "units"
    return f"{whole:,}{'.' if decimals else ''}{decimals}{NO_BREAK}{unit}"


class _Teller:
    """Tells of one transaction; remembers which addresses it named."""

    def __init__(self, facts: Facts, names: Names) -> None:
        self._facts = facts
        self._names = names
        self._named: dict[str, None] = {}

    # --- what happened, the money, what to do --------------------------------------------------

    def pending(self) -> tuple[list[str], list[str], list[str]]:
        why, todo = self._wait(self._facts["waits"])
        sender = self._who(self._facts["from"])
        value = amount(self._facts["value"])
        money = [f"No fee was taken. {value} and the fee are still with {sender}."]
        return [f"The transaction was not executed yet. {why}"], money, [todo]

    def _wait(self, waits: Facts) -> tuple[str, str]:
        """Return what it waits for, and what to do about that."""
        facts, sender = self._facts, self._who(self._facts["from"])
        if waits["for"] == "nonce":
            missing = f"{waits['missing']:,}"
            why = f"It has nonce {facts['nonce']:,} and waits for the transaction of {sender} with "
            why += f"nonce {missing}, which this node has not seen."
            return why, f"Send a transaction with nonce {missing}, or this one again with that."
        if waits["for"] == "balance":
            why = f"It may cost up to {amount(waits['needed'])} and {sender} has "
            why += f"{amount(waits['balance'])}."
            return why, f"Give {sender} {amount(waits['needed'] - waits['balance'])} more."
        if waits["for"] == "price":
            least = f"{waits['basePrice']:,}"
            why = (
                f"It offers {waits['offered']:,} drip a unit of gas at most; the next block takes "
            )
            why += f"{least} at least."
            todo = "Wait for a lower price, or replace it: the same nonce, at least a tenth more "
            return why, f"{todo}than before, and {least} drip or more."
        if waits["for"] == "mining":
            why = "It could be packed, but no blocks are made: mining is switched off."
            return why, "Make a block (`sogdia epoch mine`), or switch mining on (evm_setAutomine)."
        if waits["for"] == "execution":
            why = f"It is in a block of epoch {facts['epoch']:,}, which is not executed yet."
            return why, "Wait: an epoch is executed a few epochs behind the tip."
        return "It waits for the next block.", "Wait: nothing is missing."

    def executed(self) -> tuple[list[str], list[str], list[str]]:
        facts = self._facts
        happened = [f"{self._deed()} It succeeded."]
        if facts["logs"]:
            happened.append(
                f"{facts['logs']:,} event{'s' if facts['logs'] > 1 else ''} told of it."
            )
        money = [self._fee()]
        moved = list(self._transfers(facts.get("trace", {})))
        if not moved and "trace" not in facts and facts["value"]:
            moved = [(facts["from"], facts["to"] or facts.get("created", ""), facts["value"])]
        money += [f"{amount(v)} went from {self._who(a)} to {self._who(b)}." for a, b, v in moved]
        if not moved:
            money.append("No units moved besides the fee.")
        return happened, money, ["Nothing: it is done."]

    def failed(self) -> tuple[list[str], list[str], list[str]]:
        facts = self._facts
        happened = [f"{self._deed()} It failed, and all it did was taken back."]
        frame = self._culprit(facts.get("trace"))
        cause, todo = self._cause(frame)
        happened.append(cause)
        kept = "Nothing else moved."
        if facts["value"]:
            kept = f"{amount(facts['value'])} stayed with {self._who(facts['from'])}."
        return happened, [self._fee(), kept], todo

    def skipped(self) -> tuple[list[str], list[str], list[str]]:
        facts = self._facts
        sender, nonce, now = self._who(facts["from"]), facts["nonce"], facts["accountNonce"]
        happened = [f"A block of epoch {facts['epoch']:,} holds it, and it was not executed."]
        if facts["beyondBound"]:
            happened.append("Its block is beyond the 200 that an epoch executes.")
            todo = "Wait: it returns to the pool and is packed again."
        elif nonce < now:
            happened.append(
                f"Its nonce {nonce:,} was used by another transaction; next is {now:,}."
            )
            todo = f"Look whether the other did what you wanted; else send it with nonce {now:,}."
        elif nonce > now:
            happened.append(f"Its nonce {nonce:,} came too early; next is {now:,}.")
            todo = f"Send the transactions with nonces {now:,} to {nonce - 1:,} first."
        else:
            happened.append(f"{sender} could not pay for it: it has {amount(facts['balance'])}.")
            todo = f"Give {sender} the value and the fee, then send it again."
        return happened, [f"No fee was taken; its value stayed with {sender}."], [todo]

    def refused(self) -> tuple[list[str], list[str], list[str]]:
        happened = [f"This node did not take it in: {self._facts['reason']}."]
        todo = "Put right what is said above, and send it again: this node does not keep it."
        return happened, ["No fee was taken and nothing moved."], [todo]

    def _deed(self) -> str:
        facts = self._facts
        sender = self._who(facts["from"])
        if facts["to"] is None:
            if facts["status"] == "Failed":
                return f"{sender} wanted to create a contract."
            made = f" at {self._who(facts['created'])}" if facts.get("created") else ""
            return f"{sender} created a contract{made}."
        target = self._who(facts["to"])
        if facts["input"] == "0x":
            return f"{sender} sent {amount(facts['value'])} to {target}."
        with_value = f" with {amount(facts['value'])}" if facts["value"] else ""
        return f"{sender} called {self._called(facts['input'])} of {target}{with_value}."

    def _fee(self) -> str:
        facts = self._facts
        return (
            f"A fee of {amount(facts['fee'])} was taken from {self._who(facts['from'])}, for "
            f"{facts['gasUsed']:,} gas."
        )

    def _cause(self, frame: Facts | None) -> tuple[str, list[str]]:
        """Return why it failed, and what to do about that."""
        if frame is None:
            unknown = self._facts.get("callsUnknown", "")
            return f"Why is not known any more: {unknown}.", ["Call it again to see the reason."]
        where = "" if frame is self._facts["trace"] else f" in {self._where(frame)}"
        error = str(frame.get("error", ""))
        if "revert" in error:
            return self._revert(bytes.fromhex(str(frame.get("output", "0x"))[2:]), where)
        if "out of gas" in error:
            return self._out_of_gas(where)
        return f"The machine halted{where}: {error}.", [
            "Look at the code at that call: it is not a refusal that the contract wrote.",
        ]

    def _revert(self, output: bytes, where: str) -> tuple[str, list[str]]:
        reason = revert_reason(output)
        if output[:4] == PANIC_SELECTOR and reason is not None:
            code = int.from_bytes(output[4:36])
            return f"A check of the language failed{where}: {reason} (panic 0x{code:02x}).", [
                "Look for that operation in the contract: a panic is a defect of it, or of the "
                "arguments it was given.",
            ]
        if output[:4] == ERROR_SELECTOR and reason is not None:
            return f"The contract refused{where}: “{reason}”.", [
                "Meet what the contract asks for, then send it again.",
            ]
        named = self._names.error(output) if output else None
        if named is not None:
            return f"The contract refused{where} with {named}.", [
                "Meet what the contract asks for, then send it again.",
            ]
        if output:
            shown = f"0x{output.hex()}" if len(output) <= 36 else f"0x{output[:36].hex()}…"
            return f"The contract refused{where} with an error of its own, {shown}.", [
                "Name the folder of its artifacts to read that error: --abi FOLDER.",
            ]
        return f"The contract refused{where} without a word.", [
            "Look for a `require` without a reason, a call to a function that is not there, or "
            "units sent to what takes none.",
        ]

    def _out_of_gas(self, where: str) -> tuple[str, list[str]]:
        facts = self._facts
        used, limit = f"{facts['gasUsed']:,}", f"{facts['gas']:,}"
        cause = f"The gas ran out{where}: {limit} was the limit, {used} was used."
        if "gasEnough" in facts:
            return cause, [f"Send it again with a gas limit of {facts['gasEnough']:,} or more."]
        return cause, [
            "No limit that a call may have was enough: look for a loop that does not end, or for "
            "a call that is given a fixed amount of gas.",
        ]

    # --- place, calls, addresses ---------------------------------------------------------------

    def place(self) -> list[str]:
        """Return where it was packed and executed, and whether that may change."""
        facts = self._facts
        if "risk" not in facts:
            return []
        packed = [short(block) for block in facts["packedIn"]]
        lines = [f"Epoch {facts['epoch']:,}, transaction {facts['index']:,}."]
        if len(packed) == 1:
            lines.append(f"One block of the epoch holds it, {packed[0]}.")
        else:
            lines.append(
                f"{len(packed)} blocks of the epoch hold it: {', '.join(packed)}. The copy in "
                f"{short(facts['block'])} was executed; the others count for nothing."
            )
        if facts["isFinal"]:
            return [*lines, "Final: no fork can change that."]
        if facts["hasOneMiner"]:
            return [*lines, "Ordered: one miner makes this ledger; only a revert changes that."]
        state = "Ordered" if facts["risk"] > UNLIKELY else "Unlikely to change"
        return [*lines, f"{state}: the risk that its place changes is below {facts['risk']:.1g}."]

    def calls(self) -> Iterator[str]:
        """Yield who called whom, a line each."""
        if "trace" not in self._facts:
            if "callsUnknown" in self._facts:
                yield f"not known any more: {self._facts['callsUnknown']}"
            return
        if not self._facts["trace"].get("calls") and self._facts["input"] == "0x":
            return
        for number, (depth, frame) in enumerate(_frames(self._facts["trace"])):
            if number == CALLS_SHOWN:
                yield "… and more: debug_traceTransaction shows all"
                return
            yield self._call_line(depth, frame)

    def addresses(self) -> list[str]:
        """Return the addresses that were named, whole."""
        return [
            f"{short(whole)}  {whole}{f'  {name}' if (name := self._names.address(each)) else ''}"
            for each in self._named
            for whole in [_shown(each)]
        ]

    def _call_line(self, depth: int, frame: Facts) -> str:
        kind = str(frame["type"]).lower()
        value = int(frame.get("value", "0x0"), 16)
        whom = f"→ {self._who(frame.get('to') or '')}"
        deed = f"{kind} {self._called(frame.get('input', '0x'))} {whom}"
        if kind.startswith("create"):
            # One that failed has no address: nothing was made.
            deed = f"{kind} {whom}, a new contract" if frame.get("to") else f"{kind} a contract"
        line = f"{'  ' * depth}{deed}"
        if value and kind != "delegatecall":
            line += f", {amount(value)}"
        line += f", {int(frame.get('gasUsed', '0x0'), 16):,} gas"
        return f"{line}, failed: {frame['error']}" if frame.get("error") else line

    def _where(self, frame: Facts) -> str:
        if str(frame["type"]).startswith("CREATE"):
            return f"the creation of a contract by {self._who(frame['from'])}"
        return f"{self._called(frame.get('input', '0x'))} of {self._who(frame.get('to') or '')}"

    def _called(self, data: str) -> str:
        if data == "0x":
            return "receive()"
        return self._names.call(bytes.fromhex(data[2:])) or data[:10]

    def _who(self, address: str) -> str:
        if not address:
            return "nobody"
        self._named.setdefault(address)
        name, shown = self._names.address(address), short(_shown(address))
        return shown if name is None else f"{name.partition(' (')[0]} {shown}"

    def _culprit(self, trace: Facts | None) -> Facts | None:
        """Return the innermost call whose failure became the whole one's."""
        if trace is None:
            return None
        failed = [each for each in trace.get("calls", ()) if each.get("error")]
        same = [each for each in failed if each.get("output") == trace.get("output")]
        inner = (same or [each for each in failed if "revert" not in str(trace.get("error"))])[-1:]
        return self._culprit(inner[0]) if inner else trace

    def _transfers(self, trace: Facts) -> Iterator[tuple[str, str, int]]:
        if not trace or trace.get("error"):
            return  # what a call that failed had moved went back
        value = int(trace.get("value", "0x0"), 16)
        moves = trace.get("type") not in ("DELEGATECALL", "CALLCODE", "STATICCALL")
        if value and moves and "to" in trace:
            yield trace["from"], trace["to"], value
        for inner in trace.get("calls", ()):
            yield from self._transfers(inner)


def _shown(address: str) -> str:
    return show_address(bytes.fromhex(address[2:]))


def short(hexed: str) -> str:
    """Shorten hex to six and six digits: fewer are forged cheaply."""
    return hexed if len(hexed) <= 16 else f"{hexed[:8]}…{hexed[-6:]}"


def _frames(frame: Facts, depth: int = 0) -> Iterator[tuple[int, Facts]]:
    """Yield a call and those inside it, with their depth."""
    yield depth, frame
    for inner in frame.get("calls", ()):
        yield from _frames(inner, depth + 1)
