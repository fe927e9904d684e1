"""Decisions that stand although they would come out otherwise by what is known now, one by one (RET-57)."""

# ruff: noqa: RUF009 - attrs fields, not defaults

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs

from guanxi import (
    Asked,
    Column,
    Content,
    Decision,
    Event,
    History,
    Invalid,
    Label,
    Ledger,
    Money,
    Reader,
    Report,
    midnight,
)
from guanxi_retail.analysis.rules import RULE_SETS as ANALYSIS
from guanxi_retail.group_purchase.events import VipAdmitted
from guanxi_retail.group_purchase.rules import RULE_SETS as GROUP_PURCHASE
from guanxi_retail.points.rules import RULE_SETS as POINTS
from guanxi_retail.promotions.events import FriendBoughtSet
from guanxi_retail.promotions.rules import RULE_SETS as PROMOTIONS
from guanxi_retail.reporting import ACCOUNT, option
from guanxi_retail.store.events import SalesCreditDecided
from guanxi_retail.store.rules import RULE_SETS as STORE
from guanxi_retail.tiers.rules import RULE_SETS as TIERS

OPENING, NEW = Label("opening", "期初"), Label("new", "新增")
SETTLED, LISTED = Label("settled", "已了结"), Label("listed", "在列")
FIGURES = ("points", "amount", "value", "face", "granted", "used")
"""Of the figures of a decision, the first of these that differs is the difference."""
PERSONAL = "guanxi_family"
"""Marks a field whose values are not shown beside those of others."""
RULE_SETS = (*POINTS, *TIERS, *PROMOTIONS, *GROUP_PURCHASE, *STORE, *ANALYSIS)
"""What may be published for the past and make decisions differ."""


@attrs.frozen
class WouldDifferParameters:
    """Parameters of the list."""

    since: date | None = option(
        None, Label("first day of the movement; that of the cut if not given", "变动起始日，默认截点当日")
    )


@attrs.frozen
class Listed:
    """A decision that stands and would come out otherwise.

    Args:
        decision: its stored name.
        account: whose it is.
        key: what it names as its causes.
        given: what it says.
        would_be: what it would say; nothing where it would not be drawn.
        difference: by how much the one figure differs in which it does.
        cause: what came to be known that it differs by.
        recorded_on: on which day that was.
    """

    decision: str
    account: str
    key: str
    given: str | None
    would_be: str | None
    difference: Decimal | None
    cause: str | None
    recorded_on: date | None

    @property
    def identity(self) -> tuple[str, str, str]:
        """What makes it the same one at another cut."""
        return (self.decision, self.account, self.key)


Cuts = dict[str, Any]
"""``as_of`` and ``as_known`` as they were asked for, and the moment of knowledge that the latter comes to: ``known``."""


def _not_from_tables(reader: Reader, parameters: Any, asked: Asked) -> Content:
    raise Invalid(
        "unknown_report",
        "this report is made over a ledger",
        zh="该报表须在账本之上生成",
        accepts="ledger.report(...)",
    )


def listed(ledger: Ledger, parameters: WouldDifferParameters, asked: Asked, at: Any) -> Content:
    """Return what would differ at a cut, and how that moved since the first day asked for.

    Args:
        ledger: which.
        parameters: from when the movement is told.
        asked: the cut.
        at: the same.
    """
    zone = asked.as_of.tzinfo
    cuts: Cuts = {
        "as_of": at.as_of,
        "as_known": at.position if at.position is not None else at.as_known,
        "known": asked.as_known,
    }
    now = {one.identity: one for one in _standing(ledger, cuts, causes=True)}
    begin = midnight(parameters.since or asked.as_known.astimezone(zone).date(), zone) - timedelta(
        microseconds=1
    )
    before = {
        one.identity for one in _standing(ledger, {**cuts, "as_known": begin, "known": begin}, causes=False)
    }
    new, settled = now.keys() - before, before - now.keys()
    rows = [
        (
            one.decision,
            one.account,
            one.key,
            one.given,
            one.would_be,
            one.difference,
            one.cause,
            one.recorded_on,
        )
        for _, one in sorted(now.items())
    ]
    notes = [
        (OPENING, str(len(before))),
        (NEW, str(len(new))),
        (SETTLED, str(len(settled))),
        (LISTED, str(len(rows))),
    ]
    foots = len(rows) == len(before) + len(new) - len(settled)
    return Content(rows, notes, trouble=() if foots else ("Σ listed is not opening + new - settled",))


def _standing(ledger: Ledger, cuts: Cuts, *, causes: bool) -> Iterator[Listed]:
    """Yield what would differ at a cut; where causes are asked for, with what came to be known."""
    for account in _files(ledger, cuts):
        history = _at(ledger.history(account), cuts)
        found = [one for one in history.would_differ() if one.name.startswith("retail.")]
        told = _causes(ledger, history, {_key(one) for one in found}) if causes and found else {}
        for one in found:
            yield _one(account, one, told.get(_key(one), (None, None)))
    yield from _told_by_reports(ledger, cuts)
    yield from _runs(ledger, cuts)


def _files(ledger: Ledger, cuts: Cuts) -> list[str]:
    """Return the customers, and the days of stores, in which retail's decisions may stand that would come out otherwise."""
    may_differ = frozenset(ledger.reporting.may_differ())
    if not may_differ:
        return []
    days: dict[str, None] = {}
    after = 0
    while found := ledger.search(name=SalesCreditDecided.stored_name, after=after):
        days.update(dict.fromkeys(str(one.originator_id) for one in found))
        after = found[-1].entry.position
    accounts = [
        row[0] for row in ledger.report("core.files", as_of=cuts["as_of"], as_known=cuts["as_known"]).rows
    ]
    streams = ledger.find_all(accounts)
    mine = set(streams.values())
    return [
        *(account for account in accounts if streams[account] in may_differ),
        *sorted(day for day in days if day not in mine and day in may_differ),
    ]


def _at(history: History, cuts: Cuts) -> History:
    if cuts["as_of"] is not None:
        history = history.as_of(cuts["as_of"])
    return history if cuts["as_known"] is None else history.as_known(cuts["as_known"])


def _key(one: Any) -> tuple[str, str]:
    """Return a difference's decision and what it names as its causes."""
    event = one.stored or one.derived
    return one.name, ", ".join(str(getattr(event, name)) for name in event.key_fields)


def _one(account: str, one: Any, told: tuple[str | None, date | None]) -> Listed:
    name, key = _key(one)
    stored, derived = _figures(one.stored), _figures(one.derived)
    names = [n for n in {**stored, **derived} if stored.get(n) != derived.get(n)]
    return Listed(
        name,
        account,
        key,
        _text(stored, names),
        _text(derived, names),
        _difference(stored, derived, names),
        *told,
    )


def _figures(event: Decision | None) -> dict[str, Any]:
    """Return what a decision says besides its causes, as far as it is plain."""
    if event is None:
        return {}
    kind: Any = type(event)
    plain = (a for a in attrs.fields(kind) if a.name not in event.key_fields and PERSONAL not in a.metadata)
    own = {a.name: getattr(event, a.name) for a in plain}
    return {
        name: value.amount if isinstance(value, Money) else value
        for name, value in own.items()
        if isinstance(value, (str, int, Decimal, date, Money))
    }


def _text(figures: dict[str, Any], names: list[str]) -> str | None:
    return ", ".join(f"{name} {figures[name]}" for name in names if name in figures) or None


def _difference(stored: dict[str, Any], derived: dict[str, Any], names: list[str]) -> Decimal | None:
    """Return by how much the figure that matters most differs; nothing where none does."""
    for name in (n for n in FIGURES if n in names):
        values = [side.get(name, 0) for side in (derived, stored)]
        if all(isinstance(value, (int, Decimal)) for value in values):
            return Decimal(values[0]) - Decimal(values[1])
    return None


def _causes(
    ledger: Ledger, history: History, keys: set[tuple[str, str]]
) -> dict[tuple[str, str], tuple[str | None, date | None]]:
    """Return what came to be known when each difference began that has stood since, and on which day."""
    told: dict[datetime, str] = {}
    for line in history.all_lines():
        if line.recorded_at is not None:
            told.setdefault(line.recorded_at, line.name)
    for rules in RULE_SETS:
        for one in ledger.publications(rules.stored_name):
            if one.retroactive:
                told.setdefault(one.recorded_at, f"{one.rule_set} {one.version}")
    since: dict[tuple[str, str], tuple[str | None, date | None]] = {}
    # From the end back, as far as any of them has stood: what was known before that is not gone through.
    standing = set(keys)
    for moment in sorted(told, reverse=True):
        standing &= {_key(one) for one in history.as_known(moment).would_differ()}
        if not standing:
            break
        for key in standing:
            since[key] = told[moment], moment.astimezone(ledger.tz).date()
    return since


def _told_by_reports(ledger: Ledger, cuts: Cuts) -> Iterator[Listed]:
    """Yield admissions whose purchases came back, and rewards for friends who turned out to be buyers already."""
    # These reports are read at past cuts too, for which all histories are gone through: not where there is nobody to list.
    for row in _rows(ledger, "retail.vip_list", cuts) if _ever(ledger, VipAdmitted) else ():
        if row["differs"] is not None and row["until"] is None:
            amount = (row["evidence"] or "").rpartition(": ")[2]
            yield Listed(
                "retail.vip_admitted",
                row["account"],
                row["evidence"] or "",
                amount,
                str(row["differs"]),
                row["differs"] - Decimal(amount) if amount else None,
                "retail.purchase_refunded",
                None,
            )
    for row in _rows(ledger, "retail.referral", cuts) if _ever(ledger, FriendBoughtSet) else ():
        if row["status"] == "would_differ":
            key = f"{row['friend']}, {row['set']}"
            cause = "retail.purchase_recorded"
            yield Listed(
                "retail.voucher_issued",
                row["referrer"],
                key,
                str(row["value"]),
                None,
                -row["value"],
                cause,
                None,
            )


def _ever(ledger: Ledger, kind: type[Event]) -> bool:
    return bool(ledger.search(name=kind.stored_name, limit=1))


def _rows(ledger: Ledger, name: str, cuts: Cuts) -> Iterator[dict[str, Any]]:
    found = ledger.report(name, as_of=cuts["as_of"], as_known=cuts["as_known"])
    names = [column.name for column in found.columns]
    return (dict(zip(names, row, strict=True)) for row in found.rows)


def _runs(ledger: Ledger, cuts: Cuts) -> Iterator[Listed]:
    """Yield the members whose line of a run that stands would come out otherwise by what was known (RET-60)."""
    known = cuts["known"]
    names: dict[str, str] = {}
    for view in ledger.runs.views():
        stands = view.status == "closed" and view.superseded_by is None and view.as_known <= known
        if not stands or not view.run.startswith("retail."):
            continue
        if not names:
            accounts = [row[0] for row in ledger.report("core.files").rows]
            names = {stream: account for account, stream in ledger.find_all(accounts).items()}
        for one in ledger.runs.would_differ(view.id, known):
            given, would_be = (None if line is None else _line(line) for line in (one.stored, one.derived))
            member = names.get(one.member, one.member)
            yield Listed("core.grade_set", member, f"{view.run} {view.id}", given, would_be, None, None, None)


def _line(line: Any) -> str:
    return ", ".join(f"{a.name} {getattr(line, a.name)}" for a in attrs.fields(type(line)))


REPORT = Report(
    name="retail.would_differ",
    title=Label("Would differ", "应有差异清单"),
    reads=(),
    columns=(
        Column("decision", Label("Decision", "判定"), "code"),
        ACCOUNT,
        Column("key", Label("Key", "键")),
        Column("given", Label("Given", "已定")),
        Column("would_be", Label("Would be", "应为")),
        Column("difference", Label("Difference", "差额"), "decimal"),
        Column("cause", Label("Cause", "原因")),
        Column("recorded_on", Label("Known since", "录入日"), "date"),
    ),
    build=_not_from_tables,
    over=listed,
    parameters=WouldDifferParameters,
    rules=("RET-57", "RET-60"),
)
