"""A small plugin for tests: stock that stands until the next count, and promises that time breaks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import attrs

from guanxi import (
    REVISE,
    Command,
    Decision,
    Due,
    Facet,
    Fact,
    Label,
    Now,
    Parts,
    command,
    due,
    event,
    key,
    midnight_after,
)


@event("shop.stock_counted", standing=True)
class StockCounted(Fact):
    goods: str = key()
    pieces: int


@event("shop.promised")
class Promised(Fact):
    promise: str
    last_day: date


@event("shop.kept")
class Kept(Fact):
    promise: str


@event("shop.broken")
class Broken(Decision, late=REVISE, retroactive=REVISE):
    promise: str = key()


@command("shop.count_stock")
class CountStock(Command):
    pieces: int
    goods: str = "oil"


@command("shop.promise")
class Promise(Command):
    promise: str
    last_day: date


@command("shop.keep")
class Keep(Command):
    promise: str


@due("shop.day_over")
class DayOver(Due):
    promise: str


@attrs.define
class Shop:
    stock: dict[str, int] = attrs.field(factory=dict)
    open: set[str] = attrs.field(factory=set)
    broken: list[str] = attrs.field(factory=list)


shop = Facet("shop.shop", Shop)


@shop.evolve
def _facts(s: Shop, e: StockCounted | Promised | Kept) -> None:
    match e:
        case StockCounted():
            s.stock[e.goods] = e.pieces
        case Promised():
            s.open.add(e.promise)
        case Kept():
            s.open.discard(e.promise)


@shop.evolve
def _broke(s: Shop, e: Broken) -> None:
    s.open.discard(e.promise)
    s.broken.append(e.promise)


@shop.decide
def _count(s: Shop, c: CountStock, now: Now) -> Iterator[Fact]:
    yield StockCounted(goods=c.goods, pieces=c.pieces)


@shop.decide
def _promise(s: Shop, c: Promise, now: Now) -> Iterator[Fact]:
    yield Promised(promise=c.promise, last_day=c.last_day)


@shop.decide
def _keep(s: Shop, c: Keep, now: Now) -> Iterator[Fact]:
    yield Kept(promise=c.promise)


@shop.due
def _last_day_passes(s: Shop, e: Promised, now: Now) -> Iterator[tuple[datetime, Due]]:
    yield midnight_after(e.last_day, now.at.tzinfo), DayOver(promise=e.promise)


@shop.react("SHOP-1")
def _break(s: Shop, d: DayOver, now: Now) -> Iterator[Decision]:
    if d.promise in s.open:
        yield Broken(promise=d.promise)


parts = Parts(
    name="shop",
    version="1",
    title=Label("Shop", "商店"),
    events=(StockCounted, Promised, Kept, Broken),
    commands=(CountStock, Promise, Keep),
    facets=(shop,),
)
