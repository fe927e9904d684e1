"""What customers have in stock and how fast they use it up: run-out and next delivery, in exact fractions (RET-42)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import attrs

from guanxi import Decision, Facet, Fact, Label, Now
from guanxi.relationship.care.replenishment import number_of
from guanxi.relationship.care.rules import ReplenishmentRules
from guanxi.relationship.dealings.events import GoodsDelivered, GoodsReturned, OrderPlaced
from guanxi.relationship.file.events import ProfileFactRecorded
from guanxi_retail.group_purchase.commands import CountCustomerStock
from guanxi_retail.group_purchase.events import CustomerStockCounted, RateSource, ReplenishmentDueSet
from guanxi_retail.group_purchase.rules import StockRules

RULE = "RET-42"
MONTHLY_USE = "monthly_use/"
"""Begins the profile field of a product's monthly use, such as ``monthly_use/rice``.

Core's own reckoning (CORE-47) has one stock and one use for a customer, told as profile fields, and sets no dates that stay readable. It
asks for the field without a product, so no customer is listed by both.
"""
_LONGEST = 36_500


@attrs.define
class ProductStock:
    """What a customer has of a product.

    Args:
        start: day from which the stock is reckoned.
        level: what was there on it.
        rate: units a day that are taken off from then on; None while nothing is known.
        counted_on: day of the last count.
        counted: what was counted.
        delivered: what was delivered since that count.
        measured: units a day by the latest counted interval.
        stated: units a month as the customer told.
        entry: what the present due date was drawn from.
        run_out_on: first day not covered in full.
        due_on: when to deliver.
    """

    start: date | None = None
    level: Fraction = Fraction(0)
    rate: Fraction | None = None
    counted_on: date | None = None
    counted: Fraction = Fraction(0)
    delivered: Fraction = Fraction(0)
    measured: Fraction | None = None
    stated: Fraction | None = None
    entry: str | None = None
    run_out_on: date | None = None
    due_on: date | None = None

    @property
    def is_followed(self) -> bool:
        """Whether it is a product whose stock is looked after: it was counted, or its use was told."""
        return self.counted_on is not None or self.stated is not None

    def on(self, day: date) -> Fraction:
        """Return what is left on a day, never below nothing."""
        return left_on(self.level, self.rate, self.start, day)

    def begin(self, day: date, level: Fraction) -> None:
        """Reckon from another day on."""
        self.start, self.level = day, level


def left_on(level: Fraction, rate: Fraction | None, start: date | None, day: date) -> Fraction:
    """Return what is left of a stock on a day: it less rate × days, not below nothing.

    Args:
        level: what was there.
        rate: units a day; nothing is taken off where none is known.
        start: when.
        day: the day asked for.
    """
    if rate is None or start is None:
        return level
    return max(Fraction(0), level - rate * (day - start).days)


@attrs.define
class Stock:
    """What a customer has in stock, by product.

    Args:
        products: by name.
    """

    products: dict[str, ProductStock] = attrs.field(factory=dict)
    _lines: dict[tuple[str, str], str] = attrs.field(factory=dict)

    def of(self, product: str) -> ProductStock:
        """Return a product's stock, a new one if nothing is known of it."""
        return self.products.setdefault(product, ProductStock())

    def order(self, e: OrderPlaced) -> None:
        """Note which lines are of which product."""
        for line in e.lines:
            self._lines[e.order, line.line] = line.product

    def moved(self, e: GoodsDelivered | GoodsReturned) -> Iterator[tuple[str, Decimal]]:
        """Yield what was moved of each product."""
        for part in e.lines:
            if (product := self._lines.get((e.order, part.line))) is not None:
                yield product, part.quantity


stock = Facet("retail.stock", Stock, title=Label("Stock and consumption", "库存与消费速度"))


@stock.evolve
def _ordered(s: Stock, e: OrderPlaced) -> None:
    s.order(e)


@stock.evolve
def _counted(s: Stock, e: CustomerStockCounted, at: datetime) -> None:
    one, day, seen = s.of(e.product), at.date(), Fraction(e.quantity)
    if one.counted_on is not None and (days := (day - one.counted_on).days) > 0:
        used = one.counted + one.delivered - seen
        # What grew by itself measures nothing: something came in that nobody told of.
        one.measured = used / days if used > 0 else one.measured
    one.counted_on, one.counted, one.delivered = day, seen, Fraction(0)
    one.begin(day, seen)


@stock.evolve
def _delivered(s: Stock, e: GoodsDelivered | GoodsReturned, at: datetime) -> None:
    sign = 1 if isinstance(e, GoodsDelivered) else -1
    for product, quantity in s.moved(e):
        one, day, more = s.of(product), at.date(), sign * Fraction(quantity)
        one.delivered += more
        one.begin(day, max(Fraction(0), one.on(day) + more))


@stock.evolve
def _told(s: Stock, e: ProfileFactRecorded, at: datetime) -> None:
    if (product := product_of(e)) is None:
        return
    one, day, use = s.of(product), at.date(), number_of(e.value)
    one.stated = use if use is not None and use > 0 else None
    if one.rate is not None:
        one.begin(day, one.on(day))


@stock.evolve
def _set(s: Stock, e: ReplenishmentDueSet) -> None:
    one = s.of(e.product)
    one.rate, one.entry, one.run_out_on, one.due_on = Fraction(e.rate), e.entry, e.run_out_on, e.due_on


@stock.ended
def _no_longer_due(s: Stock, e: ReplenishmentDueSet) -> None:
    one = s.of(e.product)
    if one.entry == e.entry:
        one.rate = one.entry = one.run_out_on = one.due_on = None


def product_of(e: ProfileFactRecorded) -> str | None:
    """Return of which product a profile fact tells the monthly use, or None."""
    name = e.field_name
    return name.removeprefix(MONTHLY_USE) if name.startswith(MONTHLY_USE) else None


# ---------------------------------------------------------------- what is due


def rate_of(one: ProductStock, rules: StockRules, days_a_month: int) -> tuple[Fraction, RateSource] | None:
    """Return how fast a product is used up and how that is known, or None.

    Args:
        one: the product's stock.
        rules: which source counts.
        days_a_month: how many days a month's use lasts.
    """
    if rules.rate_source == "measured" and one.measured is not None:
        return one.measured, "measured"
    return None if one.stated is None else (one.stated / days_a_month, "stated")


@stock.react(RULE)
def _seen(s: Stock, e: CustomerStockCounted, now: Now) -> Iterator[Decision]:
    yield from _due(s, [e.product], f"count/{_moment(now)}", now)


@stock.react(RULE)
def _moved(s: Stock, e: GoodsDelivered | GoodsReturned, now: Now) -> Iterator[Decision]:
    kind = "delivery" if isinstance(e, GoodsDelivered) else "return"
    yield from _due(s, (product for product, _ in s.moved(e)), f"{kind}/{e.order}/{_moment(now)}", now)


@stock.react(RULE)
def _use(s: Stock, e: ProfileFactRecorded, now: Now) -> Iterator[Decision]:
    if (product := product_of(e)) is None:
        return
    one = s.of(product)
    found = rate_of(one, now.rules(StockRules), now.rules(ReplenishmentRules).days_a_month)
    if found is not None and found[1] == "stated":  # what was told moves no date that was measured
        yield from _due(s, [product], f"use/{_moment(now)}", now)


def _moment(now: Now) -> str:
    return f"{now.at:%Y-%m-%dT%H:%M:%S}"


def _due(s: Stock, products: Iterable[str], entry: str, now: Now) -> Iterator[Decision]:
    rules = now.rules(StockRules)
    days_a_month = now.rules(ReplenishmentRules).days_a_month
    for product in dict.fromkeys(products):
        one = s.of(product)
        found = rate_of(one, rules, days_a_month)
        if found is None or one.start is None:
            continue
        rate, source = found
        days = int(min(one.level / rate, Fraction(_LONGEST)))
        run_out = one.start + timedelta(days=days)
        yield ReplenishmentDueSet(
            product=product,
            entry=entry,
            run_out_on=run_out,
            due_on=run_out - timedelta(days=rules.lead_days),
            rate=str(rate),
            rate_source=source,
            stock=str(one.level),
            on=one.start,
        )


@stock.decide
def _count(s: Stock, c: CountCustomerStock, now: Now) -> Iterator[Fact]:
    yield CustomerStockCounted(product=c.product, quantity=c.quantity, unit=c.unit)
