"""A small plugin that is sound; each broken one replaces a single part of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import attrs
from attrs import validators

from guanxi import (
    REVISE,
    Asked,
    Attempt,
    Column,
    Command,
    Content,
    Decision,
    Due,
    Erased,
    Facet,
    Fact,
    Label,
    NotPermitted,
    Now,
    Parts,
    Reader,
    ReadModel,
    Report,
    Rows,
    RuleSet,
    column,
    command,
    due,
    event,
    field,
    given,
    key,
    limit,
    midnight_after,
    parameter,
    personal,
    rule_set,
)

Handler = Callable[..., Any]


@rule_set("tally.rules", Label("Tally", "计数规则"))
class TallyRules(RuleSet):
    full_at: int = parameter(default=20, label=Label("full at", "满额"), validator=validators.ge(1))


@event("tally.counted")
class Counted(Fact):
    item: str
    n: int
    by: str | Erased | None = personal("identity", default=None)


@event("tally.filled")
class Filled(Decision, late=REVISE, retroactive=REVISE):
    item: str = key()
    total: int = given()
    full_at: int = limit()


@event("tally.weighed")
class Weighed(Decision, late=REVISE, retroactive=REVISE):
    item: str = key()
    total: int
    mark: int = field(default=0)


@command("tally.count")
class Count(Command):
    item: str
    n: int


@due("tally.week_over")
class WeekOver(Due):
    item: str


@attrs.define
class Tally:
    totals: dict[str, int] = attrs.field(factory=dict)
    filled: list[str] = attrs.field(factory=list)
    weighed: list[str] = attrs.field(factory=list)
    asked: int = 0


def evolve(s: Tally, e: Counted | Filled | Weighed) -> None:
    match e:
        case Counted():
            s.totals[e.item] = s.totals.get(e.item, 0) + e.n
        case Filled():
            s.filled.append(e.item)
        case Weighed():
            s.weighed.append(e.item)


def decide(s: Tally, c: Count, now: Now) -> Iterator[Fact]:
    now.require(c.n > 0, "nothing_counted", "TALLY-1", "nothing was counted", zh="没有计数")
    yield Counted(item=c.item, n=c.n, by=now.actor)


def fill(s: Tally, e: Counted, now: Now) -> Iterator[Decision]:
    full_at = now.rules(TallyRules).full_at
    if s.totals[e.item] >= full_at and e.item not in s.filled:
        yield Filled(item=e.item, total=s.totals[e.item], full_at=full_at)


def wait(s: Tally, e: Counted, now: Now) -> Iterator[tuple[datetime, Due]]:
    yield midnight_after(now.at.date() + timedelta(days=7), now.at.tzinfo), WeekOver(item=e.item)


def weigh(s: Tally, d: WeekOver, now: Now) -> Iterator[Decision]:
    if d.item in s.totals:
        yield Weighed(item=d.item, total=s.totals[d.item])


@attrs.define
class ItemRow:
    item: str = column(key=True)
    total: int = 0
    times: int = 0
    note: str = ""


def counted(rows: Rows[ItemRow], e: Counted, at: datetime) -> None:
    row = rows[e.item]
    row.total += e.n
    row.times += 1


LABELS = {
    "tally.counted": Label("counted", "计数"),
    "tally.filled": Label("filled", "满额"),
    "tally.weighed": Label("weighed", "称重"),
    "item": Label("item", "品项"),
    "n": Label("number", "数量"),
    "by": Label("counted by", "计数人"),
    "total": Label("total", "合计"),
    "full_at": Label("full at", "满额"),
    "mark": Label("mark", "标记"),
    "totals": Label("totals", "合计"),
    "filled": Label("filled", "满额"),
    "weighed": Label("weighed", "称重"),
    "asked": Label("asked", "询问"),
    "nothing_counted": Label("nothing was counted", "没有计数"),
}


def tally(
    *,
    evolve: Handler = evolve,
    decide: Handler = decide,
    fill: Handler = fill,
    wait: Handler = wait,
    weigh: Handler = weigh,
    counted: Handler = counted,
    state: type[Any] = Tally,
    **changes: Any,
) -> Parts:
    """Return the plugin with some of its handlers, or of its parts, replaced."""
    facet: Facet[Any] = Facet("tally.tally", state, title=Label("Tally", "计数"))
    facet.evolve(evolve)
    facet.decide(decide)
    facet.react("TALLY-2")(fill)
    facet.due(wait)
    facet.react("TALLY-3")(weigh)
    items = ReadModel("tally.items", ItemRow, title=Label("Items", "品项"))
    items.on(counted)

    def build(reader: Reader, parameters: None, asked: Asked) -> Content:
        return Content(sorted((stream, row.item, row.times, row.total) for stream, row in reader.rows(items)))

    report = Report(
        name="tally.items",
        title=Label("Items", "品项"),
        reads=(items,),
        columns=(
            Column("stream", Label("Customer", "客户")),
            Column("item", Label("Item", "品项")),
            Column("times", Label("Times", "次数"), "integer"),
            Column("total", Label("Total", "合计"), "integer"),
        ),
        build=build,
    )
    parts = Parts(
        name="tally",
        version="1.0.0",
        title=Label("Tally", "计数"),
        events=(Counted, Filled, Weighed),
        commands=(Count,),
        facets=(facet,),
        rule_sets=(TallyRules,),
        read_models=(items,),
        reports=(report,),
        labels=LABELS,
    )
    return attrs.evolve(parts, **changes)


parts = tally()


class InspectorsOnly:
    """Lets nobody do anything but the inspector."""

    def in_force(self, book: object, at: str) -> bool:
        return True

    def admit(self, ledger: object, attempt: Attempt) -> None:
        if attempt.actor.name != "inspector":
            raise NotPermitted(
                "inspectors_only", "for the inspector", zh="仅限检查员", accepts="the inspector"
            )


guarded = tally(access=InspectorsOnly())
