"""What a household or group comes to: the sum over its members, as of when each thing happened or as of the report (CORE-14)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

import attrs

from guanxi.kernel.labels import Label
from guanxi.kernel.read_models import Reader, ReadModel, Rows, column
from guanxi.kernel.reports import Asked, Column, Content, Picture, Report
from guanxi.relationship.dealings.events import ReceiptRecorded, ReceiptReversed
from guanxi.relationship.file.belonging import ONE_AT_A_TIME
from guanxi.relationship.file.read_models import files, merged_files, ties
from guanxi.relationship.file.rules import BelongingRules, RollupBasis
from guanxi.relationship.file.spans import within
from guanxi.relationship.file.standing import survivors

MONEY_SCALE = 3
"""Decimals kept of an amount: as many as any currency has."""


@attrs.define
class PaidRow:
    """A receipt, as what a household or group paid is summed up from."""

    receipt: str = column(key=True)
    at: datetime | None = None
    amount: Decimal = column(scale=MONEY_SCALE, default=Decimal(0))  # noqa: RUF009 - an attrs field
    currency: str = ""
    reversed_at: datetime | None = None


paid = ReadModel("core.member_receipts", PaidRow, title=Label("Receipts of members", "成员回款"))


@paid.on
def _received(rows: Rows[PaidRow], e: ReceiptRecorded, at: datetime) -> None:
    row = rows[e.receipt]
    row.at, row.amount, row.currency = at, e.amount.amount, e.amount.currency


@paid.on
def _reversed(rows: Rows[PaidRow], e: ReceiptReversed, at: datetime) -> None:
    rows[e.receipt].reversed_at = at


@attrs.frozen
class Happening:
    """Something that is summed up.

    Args:
        stream: the file it happened in.
        at: when.
        amount: what it comes to.
        unit: what that is counted in, such as a currency.
    """

    stream: str
    at: datetime
    amount: Decimal
    unit: str = ""


class Membership:
    """Who belongs to which household or group, and when; a group may itself belong to another.

    Args:
        reader: of ``ties`` and ``merged_files`` at least.
        moment: the cut, by which merged files stand for each other.
    """

    def __init__(self, reader: Reader, moment: datetime) -> None:
        self.into = survivors(reader, moment)
        self._above: dict[str, list[tuple[str, str]]] = {}
        for stream, tie in reader.rows(ties):
            if tie.link_type in ONE_AT_A_TIME:
                above = self._above.setdefault(self._standing(stream), [])
                above.append((self._standing(tie.other), tie.spans))

    def _standing(self, stream: str) -> str:
        return self.into.get(stream, stream)

    def groups(self) -> list[str]:
        """Return the streams that something ever belonged to, in order."""
        return sorted({group for above in self._above.values() for group, _ in above})

    def groups_of(self, stream: str, moment: datetime) -> set[str]:
        """Return the households and groups that a file belongs to at a moment, directly or through another."""
        return self._groups_of(self._standing(stream), moment, set())

    def _groups_of(self, stream: str, moment: datetime, seen: set[str]) -> set[str]:
        for group, spans in self._above.get(stream, ()):
            if group not in seen and within(spans, moment):
                seen.add(group)
                self._groups_of(group, moment, seen)
        return seen


Sums = dict[tuple[str, str], tuple[Decimal, int]]
"""By member's stream and unit, what was summed up, and of how many things."""


def rolled_up(
    membership: Membership, happenings: Iterable[Happening], *, basis: RollupBasis, moment: datetime
) -> dict[str, Sums]:
    """Return what each household or group comes to, by its stream.

    Args:
        membership: who belongs to it.
        happenings: what is summed up, of whatever files; a group's own counts too.
        basis: whether members count as of when each thing happened, or as of the report.
        moment: the report's.
    """
    groups = set(membership.groups())
    found: dict[str, Sums] = {}
    for one in happenings:
        stream = membership.into.get(one.stream, one.stream)
        when = one.at if basis == "occurred" else moment
        for group in (membership.groups_of(stream, when) | {stream}) & groups:
            sums = found.setdefault(group, {})
            amount, count = sums.get((stream, one.unit), (Decimal(0), 0))
            sums[stream, one.unit] = (amount + one.amount, count + 1)
    return found


@attrs.frozen
class RollupParameters:
    """Whose roll-up, over which days, and on which basis."""

    group: str = attrs.field(
        default="",
        metadata={
            "help": Label("account number of a household or group; all if empty", "家庭或集团户号，空为全部")
        },
    )
    since: date | None = attrs.field(default=None, metadata={"help": Label("first day", "起始日")})
    until: date | None = attrs.field(default=None, metadata={"help": Label("last day", "截止日")})
    basis: Literal["rule", "occurred", "report"] = attrs.field(
        default="rule",
        metadata={
            "help": Label("rule, occurred or report", "rule（按规则）、occurred（发生时）或 report（报表日）")
        },
    )


def _rollup(reader: Reader, parameters: RollupParameters, asked: Asked) -> Content:
    accounts = {stream: row.account for stream, row in reader.rows(files)}
    basis = asked.rules(BelongingRules).rollup_basis if parameters.basis == "rule" else parameters.basis
    membership = Membership(reader, asked.as_of)
    every = rolled_up(membership, _paid(reader, parameters, asked), basis=basis, moment=asked.as_of)
    rows: list[tuple[Any, ...]] = []
    for group, found in every.items():
        if parameters.group not in ("", accounts.get(group, group)):
            continue
        totals = _totals(found)
        rows += [
            (accounts.get(group, group), unit, accounts.get(stream, stream), amount, count, totals[unit])
            for (stream, unit), (amount, count) in found.items()
        ]
    return Content(sorted(rows, key=lambda r: r[:3]))


def _paid(reader: Reader, parameters: RollupParameters, asked: Asked) -> Iterator[Happening]:
    for stream, row in reader.rows(paid):
        if row.at is None or row.reversed_at is not None:
            continue
        day = asked.day_of(row.at)
        if (parameters.since or day) <= day <= (parameters.until or day):
            yield Happening(stream, row.at, row.amount, row.currency)


def _totals(found: Mapping[tuple[str, str], tuple[Decimal, int]]) -> dict[str, Decimal]:
    totals: dict[str, Decimal] = {}
    for (_, unit), (amount, _) in found.items():
        totals[unit] = totals.get(unit, Decimal(0)) + amount
    return totals


def _foots(rows: Sequence[tuple[Any, ...]]) -> Iterator[str]:
    sums: dict[tuple[str, str], Decimal] = {}
    for group, unit, _, amount, *_ in rows:
        sums[group, unit] = sums.get((group, unit), Decimal(0)) + amount
    for group, unit, *_, total in rows:
        if sums[group, unit] != total:
            yield f"Σ members of {group} is not its total"


group_rollup = Report(
    name="core.group_rollup",
    title=Label("Households and groups", "家庭与集团汇总"),
    reads=(files, ties, merged_files, paid),
    columns=(
        Column("group", Label("Household or group", "家庭或集团")),
        Column("currency", Label("Currency", "币种")),
        Column("member", Label("Member", "成员")),
        Column("paid", Label("Paid", "回款"), "decimal"),
        Column("receipts", Label("Receipts", "回款笔数"), "integer"),
        Column("total", Label("Total", "合计"), "decimal"),
    ),
    build=_rollup,
    parameters=RollupParameters,
    foots=_foots,
    picture=Picture("stacked_bars", "group", "member", Label("Paid by members", "成员回款"), value="paid"),
    rules=("CORE-14",),
)
