"""A customer as an office with a card index would know him: everything told, once through from the beginning, by hand.

Nothing of the library is imported here. What is told are plain dictionaries::

    {"id": ..., "file": account, "kind": ..., "at": from when it holds, "known": when it was entered, "n": order of entry,
     "source": reference or None, "fields": {...}}

A ``correction`` or ``void`` names its ``target``; a ``merge`` or ``undo`` stands in the survivor's file. Amounts are decimals of
one currency, days are dates, moments are aware. Every answer is worked out anew from what was known at the cut.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
NOTHING = Decimal(0)
DAY = timedelta(days=1)

LAPSE_MONTHS, WON_BACK_MONTHS = 12, 3  # CORE-16
ARREARS_MIN = Decimal("0.01")  # CORE-30
DUE_SOON_DAYS = 7  # CORE-33
REOPEN_DAYS = 30  # CORE-35
LOWEST = 4  # CORE-58

GROWING = ("prospect", "first_contact", "contracting", "maintenance")

Told = dict[str, Any]


# ---------------------------------------------------------------- what counts at a cut


def standing(told: Iterable[Told], as_known: datetime) -> list[Told]:
    """Return what was known by then, set right field by field, without what was voided (CORE-01)."""
    known = [t for t in told if t["known"] <= as_known]
    voided = {t["target"] for t in known if t["kind"] == "void"}
    aimed_at = {t["id"]: t["target"] for t in known if t["kind"] == "correction"}
    things = {
        t["id"]: {**t, "fields": dict(t["fields"])}
        for t in known
        if t["kind"] not in ("void", "correction") and t["id"] not in voided
    }
    for t in known:
        if t["kind"] != "correction" or t["id"] in voided:
            continue
        target = t["target"]
        while target in aimed_at:
            target = aimed_at[target]
        if target in things:
            things[target]["fields"].update(t["fields"])
            if t["at"] is not None:
                things[target]["at"] = t["at"]
    return sorted(things.values(), key=lambda t: (t["at"], t["n"]))


def merges_of(things: Iterable[Told], file: str, as_of: datetime) -> dict[str, Told]:
    """Return the merges in force, by absorbed file."""
    found: dict[str, Told] = {}
    for t in things:
        if t["file"] == file and t["at"] <= as_of:
            if t["kind"] == "merge":
                found.setdefault(t["fields"]["absorbed"], t)
            elif t["kind"] == "undo":
                found.pop(t["fields"]["absorbed"], None)
    return found


OWN = (
    "opened", "closed", "reopened", "maintainer", "released", "handover_proposed", "handover", "profile_verified",
    "oversight_assigned", "oversight_released", "section_assigned", "cross_section_requested", "collision_resolved",
    "duplicate_dismissed",
)  # fmt: skip
"""What says of a file whose it is and how it stands; a merge does not bring it along."""


def shown(things: list[Told], file: str, as_of: datetime) -> list[Told]:
    """Return what a file shows: its own things, and those of the files that it absorbed and has not given back (CORE-13)."""
    merged = merges_of(things, file, as_of)
    own = [t for t in things if t["file"] == file]
    references = {t["source"] for t in own if t["source"]}
    hidden: set[str] = set()
    theirs: list[Told] = []
    for other, merge in merged.items():
        come = [t for t in things if t["file"] == other and t["kind"] not in (*OWN, "merge", "undo")]
        before = [t for t in come if t["kind"] == "profile" and t["at"] < merge["at"]]
        stated = {t["fields"]["field_name"] for t in before} & {
            t["fields"]["field_name"] for t in own if t["kind"] == "profile" and t["at"] < merge["at"]
        }
        chosen = {name for name in stated if merge["fields"]["choices"].get(name) == "absorbed"}
        hidden |= {t["id"] for t in before if t["fields"]["field_name"] in stated - chosen}
        hidden |= {
            t["id"]
            for t in own
            if t["kind"] == "profile" and t["fields"]["field_name"] in chosen and t["at"] < merge["at"]
        }
        hidden |= {t["id"] for t in come if t["source"] in references}
        theirs += come
    both = [t for t in (*own, *theirs) if t["id"] not in hidden and t["at"] <= as_of]
    return sorted(both, key=lambda t: (t["at"], t["n"]))


# ---------------------------------------------------------------- small helpers


def day_of(moment: datetime) -> date:
    return moment.astimezone(ZONE).date()


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZONE)


def months_on(day: date, months: int) -> date:
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


# ---------------------------------------------------------------- the file, who answers, what is agreed


def file_card(things: list[Told], file: str) -> dict[str, Any]:
    """Return name, profile, status and contact points."""
    card: dict[str, Any] = {"name": None, "profile": {}, "status": "not open"}
    points: dict[str, tuple[str, str]] = {}
    for t in things:
        f = t["fields"]
        if t["kind"] == "opened":
            card.update(name=f["name"], status="open")
        elif t["kind"] == "closed":
            card["status"] = "closed"
        elif t["kind"] == "reopened":
            card["status"] = "open"
        elif t["kind"] == "profile":
            card["profile"][f["field_name"]] = f["value"]
            if f["field_name"] == "name":
                card["name"] = f["value"]
        elif t["kind"] == "contact":
            if (f["type"], f["value"]) not in points.values():
                points[f["point"]] = (f["type"], f["value"])
        elif t["kind"] == "contact_retired":
            numbers = [n for n, point in points.items() if point == (f["type"], f["value"])]
            points.pop(numbers[0] if numbers else f["point"], None)
    card["contacts"] = sorted(points.values())
    card["points"] = points
    return card


def maintainer(things: list[Told], file: str, routes: Mapping[str, str] = MappingProxyType({})) -> str | None:
    """Return the one who answers for the customer; whoever wins first becomes it where there is nobody (CORE-19, CORE-20).

    Args:
        things: what is shown of him.
        file: whose file it is.
        routes: to whom those go who came by a certain channel.
    """
    who: str | None = None
    route: str | None = None
    basis: Any = None
    drawn = False
    works: dict[str, str] = {}
    before: dict[str, tuple[str | None, Any]] = {}
    for t in things:
        f = t["fields"]
        if t["kind"] == "opened":
            route = routes.get(f.get("source_channel", ""))
        if t["kind"] in ("opened", "profile") and who is None and route is not None:
            who, basis, drawn = route, t["id"], True
        elif t["kind"] == "maintainer":
            if who in (None, f["person"]) or drawn:
                who, basis, drawn = f["person"], t["id"], False
        elif t["kind"] == "released":
            if who == f["person"]:
                who, basis, drawn = None, None, False
        elif t["kind"] == "handover":
            if who in (None, f["giver"], f["receiver"]) or drawn:
                who, basis, drawn = f["receiver"], t["id"], False
        elif t["kind"] == "opportunity_assigned":
            works[f["opportunity"]] = f["assignee"]
        elif t["kind"] == "opportunity_closed":
            if f["outcome"] == "won" and who is None and f["opportunity"] in works:
                who, basis, drawn = works[f["opportunity"]], t["id"], True
        elif t["kind"] == "merge" and t["file"] == file:
            if f["maintainer"] is not None and f["maintainer"] != who:
                before[f["absorbed"]] = (who, basis)
                who, basis, drawn = f["maintainer"], ("merge", f["absorbed"]), False
        elif t["kind"] == "undo" and t["file"] == file:
            was = before.pop(f["absorbed"], None)
            if was is not None and basis == ("merge", f["absorbed"]):
                (who, basis), drawn = was, False
    return who


def consents(things: list[Told]) -> dict[str, bool]:
    """Return for a few channels whether marketing may be sent (CORE-74)."""
    every, single = False, dict[str, bool]()
    for t in things:
        if t["kind"] in ("consent", "consent_withdrawn"):
            agreed = t["kind"] == "consent"
            if t["fields"]["channel"] == "any":
                every, single = agreed, {}
            else:
                single[t["fields"]["channel"]] = agreed
    return {channel: single.get(channel, every) for channel in ("sms", "email")}


def importance(things: list[Told], day: date) -> int:
    """Return the level that somebody set until a day, the lowest otherwise (CORE-58)."""
    level, until = LOWEST, date.min
    for t in things:
        if t["kind"] == "importance" or (t["kind"] == "override" and t["fields"]["scheme"] == "importance"):
            level, until = int(t["fields"]["grade"]), t["fields"]["until"]
    return level if day <= until else LOWEST


# ---------------------------------------------------------------- leads, opportunities, contracts


def leads(things: list[Told]) -> dict[str, str]:
    """Return what became of each lead (CORE-24)."""
    found: dict[str, str] = {}
    for t in things:
        number = t["fields"].get("lead")
        if t["kind"] == "lead":
            found[number] = "open"
        elif number not in found:
            continue
        elif t["kind"] == "lead_assigned" or (t["kind"] == "action" and not t["fields"]["bulk"]):
            found[number] = "working" if found[number] == "open" else found[number]
        elif t["kind"] == "lead_upgraded":
            found[number] = "upgraded"
        elif t["kind"] == "lead_closed":
            found[number] = "closed"
    return found


def opportunities(things: list[Told]) -> dict[str, tuple[str, bool]]:
    """Return the stage of each opportunity, and whether it is open (CORE-24)."""
    found: dict[str, tuple[str, bool]] = {}
    for t in things:
        number = t["fields"].get("opportunity")
        if t["kind"] == "opportunity":
            found[number] = (t["fields"]["stage"], True)
        elif number not in found:
            continue
        elif t["kind"] in ("opportunity_moved", "opportunity_reopened"):
            found[number] = (t["fields"]["stage"], True)
        elif t["kind"] == "opportunity_closed":
            found[number] = (t["fields"]["outcome"], False)
    return found


def contracts_in_force(things: list[Told], day: date) -> list[str]:
    """Return the contracts that bind on a day."""
    found: dict[str, dict[str, Any]] = {}
    for t in things:
        f = t["fields"]
        if t["kind"] == "contract":
            found.setdefault(f["contract"], {"starts": f["starts_on"], "ends": f["ends_on"], "over": False})
        elif f.get("contract") in found:
            if t["kind"] == "contract_amended" and f["ends_on"] is not None:
                found[f["contract"]]["ends"] = f["ends_on"]
            elif t["kind"] == "contract_ended":
                found[f["contract"]]["over"] = True
    return sorted(
        number
        for number, c in found.items()
        if not c["over"] and (c["starts"] or day) <= day and (c["ends"] is None or day <= c["ends"])
    )


# ---------------------------------------------------------------- complaints and promises


def complaints(things: list[Told]) -> dict[str, str]:
    """Return which complaints are open and which closed (CORE-35)."""
    found: dict[str, str] = {}
    for t in things:
        number = t["fields"].get("complaint")
        if t["kind"] == "complaint":
            found[number] = "open"
        elif number in found:
            if t["kind"] == "complaint_closed":
                found[number] = "closed"
            elif t["kind"] == "complaint_reopened":
                found[number] = "open"
    return found


def last_day_to_reopen(things: list[Told], complaint: str) -> date | None:
    """Return until when a closed complaint can be taken up again."""
    closed = None
    for t in things:
        if t["fields"].get("complaint") == complaint:
            closed = (
                t["at"] if t["kind"] == "complaint_closed" else None if t["kind"] != "notified" else closed
            )
    return None if closed is None else day_of(closed) + REOPEN_DAYS * DAY


def promises(things: list[Told], until: datetime) -> dict[str, str]:
    """Return what became of each promise: what is not stated by its last day is not done (CORE-39)."""
    found: dict[str, str] = {}
    over: dict[str, datetime] = {}

    def pass_time(moment: datetime) -> None:
        for number, at in over.items():
            if at <= moment and found[number] == "open":
                found[number] = "broken"

    for t in things:
        pass_time(min(t["at"], until))
        number = t["fields"].get("promise")
        if t["kind"] == "promise":
            found[number], over[number] = "open", midnight(t["fields"]["due"] + DAY)
        elif t["kind"] in ("promise_kept", "promise_released") and found.get(number) == "open":
            found[number] = "kept" if t["kind"] == "promise_kept" else "released"
    pass_time(until)
    return found


# ---------------------------------------------------------------- orders, money, exposure, what is held


class Ledger:
    """One customer's orders and money, entered thing by thing.

    Money is kept as portions ``[receipt, receivable, amount, how]`` with ``how`` one of ``stated``, ``oldest``, ``recovered``
    and ``returned``; what of a receipt is in no portion is an advance.
    """

    def __init__(self) -> None:
        self.orders: dict[str, dict[str, Any]] = {}
        self.items: dict[str, dict[str, Any]] = {}
        self.receipts: dict[str, dict[str, Any]] = {}
        self.portions: list[list[Any]] = []
        self.given_up: dict[str, Decimal] = {}
        self.owed_back = NOTHING
        self.terms: dict[str, Any] | None = None

    # orders

    def value(self, line: Mapping[str, Any], quantity: Decimal) -> Decimal:
        """Return a line's share of its amount; the whole quantity is worth the whole amount (CORE-31)."""
        return (
            line["amount"]
            if quantity == line["quantity"]
            else cents(line["amount"] * quantity / line["quantity"])
        )

    def still_open(self, line: Mapping[str, Any]) -> Decimal:
        return line["quantity"] - line["shipped"] - line["cancelled"]

    def committed(self, order: Mapping[str, Any], held: bool) -> Decimal:
        """Return what he owes or will owe for an order: of a cash or held one what was delivered (CORE-29)."""
        total = NOTHING
        for line in order["lines"].values():
            there = line["shipped"]
            if order["credit"] and not held:
                there = max(there, line["quantity"] - line["cancelled"])
            total += self.value(line, there - line["returned"])
        return total

    def exposure(self, held: Iterable[str]) -> Decimal:
        """Return open receivables − unallocated receipts + what of orders goes beyond what is billed of their contract or of them."""
        groups: dict[tuple[str, str], Decimal] = {}
        for number, order in self.orders.items():
            group = ("contract", order["contract"]) if order["contract"] else ("order", number)
            groups[group] = groups.get(group, NOTHING) + self.committed(order, number in held)
        for item in self.items.values():
            group = ("contract", item["contract"]) if item["contract"] else ("order", item["order"])
            if group in groups:
                groups[group] -= item["planned"]
        ahead = sum((g for g in groups.values() if g > 0), NOTHING)
        return sum((self.open(n) for n in self.items), NOTHING) - self.advance() + ahead

    # money

    def put(self, number: str, how: tuple[str, ...]) -> Decimal:
        return sum((p[2] for p in self.portions if p[1] == number and p[3] in how), NOTHING)

    def open(self, number: str) -> Decimal:
        covered = self.put(number, ("stated", "oldest"))
        return self.items[number]["planned"] - covered - self.given_up.get(number, NOTHING)

    def lost(self, number: str) -> Decimal:
        return self.given_up.get(number, NOTHING) - self.put(number, ("recovered",))

    def loose(self, receipt: str) -> Decimal:
        used = sum((p[2] for p in self.portions if p[0] == receipt), NOTHING)
        return self.receipts[receipt]["amount"] - used

    def advance(self) -> Decimal:
        return sum((self.loose(r) for r in self.receipts), NOTHING) - self.owed_back

    def by_age(self) -> list[str]:
        return sorted(self.items, key=lambda n: (self.items[n]["due"], n))

    def serves(self, receipt: str, number: str) -> bool:
        mark, item = self.receipts[receipt]["earmark"], self.items[number]
        return mark is None or mark in (number, item["contract"], item["order"])

    def settle(self) -> None:
        """Let money that lies loose cover what is open, the oldest receipt and the oldest due first (CORE-32)."""
        for receipt in self.receipts:
            for number in self.by_age():
                part = min(self.loose(receipt), self.open(number))
                if part > 0 and self.serves(receipt, number):
                    self.portions.append([receipt, number, part, "oldest"])

    def free(self, chosen: list[list[Any]], wanted: Decimal) -> None:
        """Take money out of portions, one after the other, as far as it is wanted."""
        for portion in chosen:
            part = min(max(wanted, NOTHING), portion[2])
            portion[2] -= part
            wanted -= part
        self.portions = [p for p in self.portions if p[2] > 0]

    def state(self, receipt: str, number: str, amount: Decimal) -> None:
        """Let money cover what it was said to be for; what covers that only as the oldest due makes room (CORE-32)."""
        age = {n: k for k, n in enumerate(self.by_age())}
        mine = [p for p in self.portions if p[0] == receipt]
        drawn = sorted((p for p in mine if p[3] == "oldest"), key=lambda p: -age[p[1]])
        self.free([*drawn, *(p for p in mine if p[3] == "recovered")], amount - self.loose(receipt))
        part = min(amount, max(NOTHING, self.loose(receipt)))
        order = list(self.receipts)
        others = [p for p in self.portions if p[1] == number and p[3] == "oldest"]
        others.sort(key=lambda p: -order.index(p[0]))
        self.free(others, part - self.open(number))
        covered = min(part, max(NOTHING, self.open(number)))
        if covered > 0:
            self.portions.append([receipt, number, covered, "stated"])
        if (rest := min(part - covered, max(NOTHING, self.lost(number)))) > 0:
            self.portions.append([receipt, number, rest, "recovered"])
        self.settle()

    def give_back(self, amount: Decimal, named: str | None) -> None:
        for receipt in [named] if named in self.receipts else list(self.receipts):
            part = min(amount, max(NOTHING, self.loose(receipt)))
            if part > 0:
                self.portions.append([receipt, None, part, "returned"])
                amount -= part
        self.owed_back += amount

    def enter(self, t: Told) -> None:
        """Enter one thing."""
        f = t["fields"]
        order = self.orders.get(f.get("order") or "")
        match t["kind"]:
            case "order":
                self.orders[f["order"]] = {
                    "credit": f["credit"],
                    "term": f["term_days"],
                    "contract": f["contract"],
                    "lines": {
                        n: {
                            "quantity": q,
                            "amount": a,
                            **dict.fromkeys(("shipped", "returned", "cancelled"), NOTHING),
                        }
                        for n, q, a in f["lines"]
                    },
                }
            case "delivered" | "goods_returned" if order is not None:
                what = "shipped" if t["kind"] == "delivered" else "returned"
                for number, quantity in f["lines"]:
                    order["lines"][number][what] += quantity
            case "order_cancelled" if order is not None:
                for number, line in order["lines"].items():
                    if f["line"] in (None, number):
                        rest = max(NOTHING, self.still_open(line))
                        line["cancelled"] += rest if f["quantity"] is None else f["quantity"]
            case "terms":
                self.terms = f
            case "invoice" if f.get("instalment") is not None:
                pass  # it bills what is planned already
            case "instalment" | "invoice":
                number = f"{f['contract']}/{f['instalment']}" if t["kind"] == "instalment" else f["invoice"]
                self.items[number] = {
                    "due": f["due_on"],
                    "planned": f["amount"],
                    "contract": f["contract"],
                    "order": f.get("order"),
                }
                self.settle()
            case "receipt":
                self.receipts[f["receipt"]] = {"amount": f["amount"], "earmark": f["earmarked_for"]}
                self.settle()
                for number in self.by_age():
                    part = min(self.loose(f["receipt"]), self.lost(number))
                    if part > 0 and self.serves(f["receipt"], number):
                        self.portions.append([f["receipt"], number, part, "recovered"])
            case "allocated" if f["receipt"] in self.receipts and f["receivable"] in self.items:
                self.state(f["receipt"], f["receivable"], f["amount"])
            case "receipt_reversed" if f["receipt"] in self.receipts:
                self.portions = [p for p in self.portions if p[0] != f["receipt"] or p[3] == "returned"]
                self.receipts[f["receipt"]]["amount"] = NOTHING
                self.settle()
            case "advance_returned":
                self.give_back(f["amount"], f["receipt"])
            case "written_off" if f["receivable"] in self.items:
                part = min(f["amount"], max(NOTHING, self.open(f["receivable"])))
                self.given_up[f["receivable"]] = self.given_up.get(f["receivable"], NOTHING) + part


MONEY = (
    "order", "delivered", "goods_returned", "order_cancelled", "terms", "instalment", "invoice", "receipt",
    "allocated", "receipt_reversed", "advance_returned", "written_off",
)  # fmt: skip


def ledger_of(things: list[Told]) -> Ledger:
    ledger = Ledger()
    for t in things:
        if t["kind"] in MONEY:
            ledger.enter(t)
    return ledger


def dealings(things: list[Told], day: date, held: Iterable[str]) -> dict[str, Any]:
    """Return orders, receivables, advance, exposure and what is to be warned of."""
    book = ledger_of(things)
    open_items = {n: book.open(n) for n in book.items if book.open(n) > 0}
    return {
        "orders": {
            number: {
                n: (line["shipped"], line["returned"], line["cancelled"], book.still_open(line))
                for n, line in order["lines"].items()
            }
            for number, order in book.orders.items()
        },
        "receivables": open_items,
        "lost": {n: book.lost(n) for n in book.items if book.lost(n) > 0},
        "advance": book.advance(),
        "exposure": book.exposure(held),
        "due_soon": sorted(n for n in open_items if 0 <= (book.items[n]["due"] - day).days <= DUE_SOON_DAYS),
        "overdue": sorted(n for n in open_items if day > book.items[n]["due"]),
    }


def held(everything: list[Told], file: str, as_of: datetime) -> dict[str, list[str]]:
    """Return what holds each order and contract, where everything was entered in time and nothing set right (CORE-29, CORE-30).

    In a merged file what held either file's orders goes on holding, as far as there is ground for it; a merge that was undone
    leaves nothing behind, and what is held is looked through on its day (CORE-13).
    """
    merged = merges_of(everything, file, as_of)
    both = shown(everything, file, as_of)
    if not merged:
        undone = [
            t["at"] for t in everything if t["file"] == file and t["kind"] == "undo" and t["at"] <= as_of
        ]
        holds = _Holds().go_on([t for t in both if not undone or t["at"] <= undone[-1]])
        if undone:
            holds.review(day_of(undone[-1]))
            holds.go_on([t for t in both if t["at"] > undone[-1]])
        return holds.named()
    joined = max(m["at"] for m in merged.values())
    holds = _Holds()
    for each in (file, *merged):
        before = [t for t in everything if t["file"] == each and t["at"] <= joined]
        alone = _Holds().go_on(before)
        holds.causes |= alone.causes
        holds.contracts |= alone.contracts
    holds.book = ledger_of([t for t in both if t["at"] <= joined])
    holds.review(day_of(joined))
    return holds.go_on([t for t in both if t["at"] > joined]).named()


class _Holds:
    def __init__(self) -> None:
        self.book, self.causes, self.contracts = Ledger(), dict[str, set[str]](), set[str]()

    def named(self) -> dict[str, list[str]]:
        return {number: sorted(each) for number, each in self.causes.items() if each} | {
            f"contract {c}": ["arrears_open"] for c in sorted(self.contracts)
        }

    def in_arrears(self, day: date) -> bool:
        book = self.book
        late = (book.open(n) for n in book.items if day > book.items[n]["due"] and book.open(n) > 0)
        return sum(late, NOTHING) >= ARREARS_MIN

    def waiting(self) -> set[str]:
        orders = self.book.orders
        return {n for n, o in orders.items() if self.causes[n] or o["contract"] in self.contracts}

    def by_credit(self, number: str, day: date, gone: set[str]) -> set[str]:
        order, terms = self.book.orders[number], self.book.terms
        if not order["credit"]:
            return set()
        if terms is None or (terms["valid_until"] is not None and terms["valid_until"] < day):
            return {"credit_exceeded"}
        beyond = self.book.exposure(self.waiting() - gone - {number}) > terms["limit"]
        longer = order["term"] is not None and order["term"] > terms["term_days"]
        return {c for c, so in (("credit_exceeded", beyond), ("term_exceeded", longer)) if so}

    def go_on(self, things: Iterable[Told]) -> _Holds:
        for t in things:
            self.enter(t)
        return self

    def enter(self, t: Told) -> None:
        book, causes, contracts = self.book, self.causes, self.contracts
        day, f = day_of(t["at"]), t["fields"]
        if t["kind"] in MONEY:
            book.enter(t)
        if t["kind"] == "order":
            causes[f["order"]] = set()
            new = self.by_credit(f["order"], day, set()) | (
                {"arrears_open"} if self.in_arrears(day) else set()
            )
            causes[f["order"]] = new
        elif t["kind"] == "contract" and self.in_arrears(day):
            contracts.add(f["contract"])
        elif t["kind"] == "release_approved":
            if f["kind"] == "contract":
                contracts.discard(f["order"])
            elif f["order"] in causes:
                causes[f["order"]].clear()
        elif t["kind"] == "order_cancelled" and f["order"] in book.orders:
            lines = book.orders[f["order"]]["lines"].values()
            causes[f["order"]] &= causes[f["order"]] if any(book.still_open(n) > 0 for n in lines) else set()
        if t["kind"] in (*MONEY, "contract"):
            self.review(day)

    def review(self, day: date) -> None:
        """Let go what there is no ground for any more."""
        if not self.in_arrears(day):
            self.contracts.clear()
            for each in self.causes.values():
                each.discard("arrears_open")
        gone: set[str] = set()
        for number, order in self.book.orders.items():
            terms = self.book.terms
            run_out = terms is None or (terms["valid_until"] is not None and terms["valid_until"] < day)
            if order["credit"] and run_out:
                continue  # nothing bears it
            if self.causes[number] - {"arrears_open"}:
                self.causes[number] &= {"arrears_open"} | self.by_credit(number, day, gone)
                if not self.causes[number]:
                    gone.add(number)


# ---------------------------------------------------------------- the life cycle


def stage(
    everything: list[Told], file: str, as_of: datetime, until: datetime, lapse_months: int = LAPSE_MONTHS
) -> str:
    """Return where the relationship stands (CORE-16, CORE-61): what a merge brings counts from the merge's own day on (CORE-13).

    A merge that was undone leaves nothing behind, so only one that is in force is gone through.
    """
    merged = merges_of(everything, file, as_of)
    own = [t for t in everything if t["file"] == file and t["at"] <= as_of]
    course = Course(lapse_months)
    if not merged:
        return course.go_on(own, until).stage
    joined = max(m["at"] for m in merged.values())
    course.go_on([t for t in own if t["at"] <= joined], min(joined, until))
    if until <= joined:
        return course.stage
    both = shown(everything, file, as_of)
    course.come_together([t for t in both if t["at"] <= joined], joined)
    return course.go_on([t for t in both if t["at"] > joined], until).stage


class Course:
    """The life cycle of one relationship, gone through thing by thing."""

    def __init__(self, lapse_months: int) -> None:
        self.lapse_months = lapse_months
        self.stage, self.since, self.customer = "prospect", datetime.min.replace(tzinfo=ZONE), False
        self.forget()
        self.won_by = ""

    def forget(self) -> None:
        """Forget every fact, but not where it stands."""
        self.furthest, self.deal = 0, ""
        self.life: datetime | None = None
        self.contracts: dict[str, date | None] = {}
        self.orders: dict[str, dict[str, Any]] = {}

    def enter(self, new: str, at: datetime) -> None:
        self.stage, self.since = new, at
        self.customer = self.customer or new in ("maintenance", "won_back")
        if new == "won_back":
            self.won_by = self.deal

    def lapses_at(self) -> datetime | None:
        if self.life is None or None in self.contracts.values():
            return None
        ends = [midnight(last + DAY) for last in self.contracts.values() if last is not None]
        return max([midnight(months_on(day_of(self.life), self.lapse_months)), *ends])

    def pass_time(self, moment: datetime) -> None:
        while self.stage in ("maintenance", "won_back"):
            lapse = self.lapses_at()
            settles = midnight(months_on(day_of(self.since), WON_BACK_MONTHS))
            if self.stage == "won_back" and settles <= moment and (lapse is None or settles <= lapse):
                self.enter("maintenance", settles)
            elif lapse is not None and lapse <= moment:
                self.enter("lapsed", max(lapse, self.since))
            else:
                return

    def grow(self, at: datetime) -> None:
        if self.stage in GROWING and self.furthest > GROWING.index(self.stage):
            self.enter(GROWING[self.furthest], at)

    def live(self, at: datetime) -> None:
        """Draw what a sign of life brings."""
        if self.stage in ("lapsed", "closed"):
            self.enter("won_back", at)
        elif self.stage == "won_back":
            its_payment = self.deal.startswith("receipt") and self.won_by.startswith("order")
            if self.deal != self.won_by and not its_payment:
                self.enter("maintenance", at)
        else:
            self.grow(at)

    def note(self, t: Told) -> str:
        """Note what a thing says, and return whether it is a sign of growing, of life, or neither."""
        f = t["fields"]
        deal = None
        match t["kind"]:
            case "action" if not f["bulk"]:
                self.furthest = max(
                    self.furthest, 2 if f["kind"] == "negotiation" else 1 if f["two_way"] else 0
                )
            case "quotation":
                self.furthest = max(self.furthest, 2)
            case "order":
                owed = {n: q for n, q, _ in f["lines"]}
                made = "installed" if f.get("installs") else "delivered"
                self.orders[f["order"]] = {"owed": owed, "begun": False, "fulfilled by": made}
                deal = f"order {f['order']}"
            case "delivered" | "installed" | "order_cancelled":
                order = self.orders.get(f["order"])
                if order is not None and t["kind"] in (order["fulfilled by"], "order_cancelled"):
                    if t["kind"] != "order_cancelled":
                        order["begun"] = True
                        for n, q in f["lines"]:
                            order["owed"][n] -= q
                    else:
                        for n, rest in order["owed"].items():
                            if f["line"] in (None, n):
                                order["owed"][n] -= rest if f["quantity"] is None else f["quantity"]
                    if order["begun"] and all(q <= 0 for q in order["owed"].values()):
                        self.furthest = 3
                deal = None if t["kind"] == "order_cancelled" else f"order {f['order']}"
            case "receipt":
                deal = f"receipt {f['receipt']}"
            case "contract":
                self.contracts[f["contract"]] = f["ends_on"]
                self.furthest = 3
                deal = f"contract {f['contract']}"
            case "contract_amended" if f["ends_on"] is not None:
                self.contracts[f["contract"]] = f["ends_on"]
                deal = f"contract {f['contract']} {f['amendment']}"
            case "contract_ended" if f["contract"] in self.contracts:
                self.contracts[f["contract"]] = day_of(t["at"]) - DAY
                return "neither"
            case _:
                return "neither"
        if deal is None:
            return "growing"
        self.life, self.deal = t["at"], deal
        return "life"

    def go_on(self, things: Iterable[Told], until: datetime) -> Course:
        """Go through what is told from here on."""
        for t in things:
            self.pass_time(min(t["at"], until))
            if t["kind"] == "closed" and self.stage != "closed":
                self.enter("closed", t["at"])
            elif t["kind"] == "reopened" and self.stage == "closed":
                self.enter("lapsed" if self.customer else GROWING[self.furthest], t["at"])
            else:
                sign = self.note(t)
                if sign == "life":
                    self.live(t["at"])
                elif sign == "growing":
                    self.grow(t["at"])
            self.pass_time(min(t["at"], until))
        self.pass_time(until)
        return self

    def come_together(self, things: Iterable[Told], at: datetime) -> None:
        """Go on with what both files' customers did: a life that was longer wins back, and facts lead forward."""
        self.forget()
        for t in things:
            self.note(t)
        if self.stage in ("lapsed", "closed"):
            if self.life is not None and self.life > self.since:
                self.enter("won_back", at)
        else:
            self.grow(at)


# ---------------------------------------------------------------- the answer


def answer(
    told: Iterable[Told], file: str, as_of: datetime, as_known: datetime, held_orders: Iterable[str] = ()
) -> dict[str, Any]:
    """Return everything that is to be known of a file at a cut.

    Args:
        told: everything that was ever told, of all files.
        file: whose.
        as_of: what counts from later is left out.
        as_known: what was entered later is left out; time has come as far as the earlier of both.
        held_orders: the orders that are held, where that depends on more than what is known now.
    """
    return answer_of(standing(told, as_known), file, as_of, min(as_of, as_known), held_orders)


def answer_of(
    everything: list[Told],
    file: str,
    as_of: datetime,
    until: datetime,
    held_orders: Iterable[str] = (),
    lapse_months: int = LAPSE_MONTHS,
    routes: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, Any]:
    """Return everything that is to be known of a file, from what stands.

    Args:
        everything: what stands of all files, in order of time.
        file: whose.
        as_of: what counts from later is left out.
        until: how far time has come.
        held_orders: the orders that are held, where that depends on more than what is known now.
        lapse_months: after how many months without a sign of life he lapses.
        routes: to whom those go who came by a certain channel.
    """
    things, day = shown(everything, file, as_of), day_of(as_of)
    card = file_card(things, file)
    return {
        "name": card["name"],
        "profile": card["profile"],
        "status": card["status"],
        "contacts": card["contacts"],
        "maintainer": maintainer(things, file, routes),
        "leads": leads(things),
        "opportunities": opportunities(things),
        "contracts": contracts_in_force(things, day),
        "complaints": complaints(things),
        "promises": promises(things, until),
        "importance": importance(things, day),
        "consents": consents(things),
        "stage": stage(everything, file, as_of, until, lapse_months),
        **dealings(things, day_of(until), held_orders),
    }
