"""Read models of the shop floor: days, amounts and names as they were told, never what passing time makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

import attrs

from guanxi import Erased, Label, ReadModel, Rows, column, personal
from guanxi_retail.purchases.events import (
    PurchaseRecorded,
    PurchaseRefunded,
    ReceiptLine,
    ReturnedLine,
)
from guanxi_retail.store.events import (
    BestEmployeeChosen,
    FootfallCounted,
    KeyCustomerDesignated,
    MeasureReported,
    SalesCreditDecided,
    ServiceStandardChecked,
    ServiceStandardPublished,
    StoreOpened,
    StoreReceiptHandedOver,
    StoreReceiptRecorded,
    StoreReceiptRefunded,
    StoreVisitRecorded,
    VipReviewNoted,
)

NOTHING = Decimal(0)
SALE = ""
"""Stands in ``refund`` of a line's own row."""


# What was sold


@attrs.define
class StoreLineRow:
    """A line of a receipt, or what a refund brought back of it; ``claimed`` where a member's file has it instead.

    The difference of an exchange is no ``occasion``: it is sold, and no receipt.
    """

    receipt: str = column(key=True)
    line: int = column(key=True)
    refund: str = column(key=True)
    day: date | None = None
    outlet: str = ""
    floor: str = ""
    net: Decimal = NOTHING
    paid: Decimal = NOTHING
    currency: str = ""
    salesperson: str | None = None
    member: bool = False
    claimed: bool = False
    occasion: bool = True


store_lines = ReadModel("retail.store_lines", StoreLineRow, title=Label("Lines by store", "门店销售行"))


def _lines(
    rows: Rows[StoreLineRow],
    e: PurchaseRecorded | StoreReceiptRecorded,
    at: datetime,
    lines: Sequence[ReceiptLine],
    *,
    member: bool,
) -> None:
    for line in lines:
        row = rows[e.receipt, line.number, SALE]
        row.day, row.outlet, row.floor = at.date(), e.outlet or "", line.area or e.area or ""
        row.net, row.paid, row.currency = line.net, line.paid, e.paid.currency
        row.salesperson, row.member = e.salesperson, member


def _back(
    rows: Rows[StoreLineRow],
    refund: str,
    receipt: str,
    currency: str,
    at: datetime,
    lines: Sequence[ReturnedLine],
) -> None:
    for back in lines:
        sold, row = rows[receipt, back.number, SALE], rows[receipt, back.number, refund]
        row.day, row.outlet, row.floor = at.date(), sold.outlet, sold.floor
        row.net, row.paid, row.currency = back.net, back.paid, currency
        row.salesperson, row.member = sold.salesperson, sold.member


@store_lines.on
def _bought(rows: Rows[StoreLineRow], e: PurchaseRecorded, at: datetime) -> None:
    _lines(rows, e, at, e.each_line, member=True)
    for line in e.each_line:
        rows[e.receipt, line.number, SALE].occasion = e.is_occasion


@store_lines.on
def _bought_by_nobody(rows: Rows[StoreLineRow], e: StoreReceiptRecorded, at: datetime) -> None:
    _lines(rows, e, at, e.each_line, member=False)


@store_lines.on
def _came_back(rows: Rows[StoreLineRow], e: PurchaseRefunded, at: datetime) -> None:
    _back(rows, e.refund, e.receipt, e.paid.currency, at, e.each_line)


@store_lines.on
def _came_back_of_nobody(rows: Rows[StoreLineRow], e: StoreReceiptRefunded, at: datetime) -> None:
    _back(rows, e.refund, e.receipt, e.paid.currency, at, e.lines)


@store_lines.on
def _handed_over(rows: Rows[StoreLineRow], e: StoreReceiptHandedOver, at: datetime) -> None:
    for line in e.lines:
        rows[e.receipt, line, SALE].claimed = True


# Sales credit


@attrs.define
class CreditRow:
    """Whether a receipt counts as its salesperson's own: as judged at day close, and when it was completed."""

    receipt: str = column(key=True)
    salesperson: str = column(key=True)
    at: datetime | None = None
    outlet: str = ""
    amount: Decimal = NOTHING
    granted: bool = False
    reasons: str = ""
    completed_at: datetime | None = None


sales_credits = ReadModel("retail.sales_credits", CreditRow, title=Label("Sales credit", "业绩认定"))


@sales_credits.on
def _credited(rows: Rows[CreditRow], e: SalesCreditDecided, at: datetime) -> None:
    row = rows[e.receipt, e.salesperson]
    row.outlet, row.granted, row.reasons = e.outlet, e.granted, ",".join(e.reasons)
    if e.completed:
        row.completed_at = at
    else:
        row.at, row.amount = at, e.amount


# Visits and footfall


@attrs.define
class VisitRow:
    """A reception in a store."""

    visit: str = column(key=True)
    at: datetime | None = None
    outlet: str = ""
    received_by: str = ""
    role: str = ""
    bought: bool = False
    lost_reason: str | None = None
    contact: bool = False
    matter: str | Erased | None = personal("service", default=None)  # noqa: RUF009 - an attrs field


visits = ReadModel("retail.store_visits", VisitRow, title=Label("Visits", "到店接待"))


@visits.on
def _visited(rows: Rows[VisitRow], e: StoreVisitRecorded, at: datetime) -> None:
    row = rows[e.visit]
    row.at, row.outlet, row.received_by, row.role = at, e.outlet, e.received_by, e.role
    row.bought, row.lost_reason, row.contact, row.matter = (
        e.outcome == "bought",
        e.lost_reason,
        e.contact_given,
        e.matter,
    )


@attrs.define
class FootfallRow:
    """One reading of an entrance's counter."""

    entrance: str = column(key=True)
    begins: datetime = column(key=True)  # noqa: RUF009 - an attrs field, not a default
    ends: datetime | None = None
    outlet: str = ""
    persons: int = 0


footfall = ReadModel("retail.footfall_counts", FootfallRow, title=Label("Footfall", "客流"))


@footfall.on
def _counted(rows: Rows[FootfallRow], e: FootfallCounted, at: datetime) -> None:
    row = rows[e.entrance, e.begins]
    row.ends, row.outlet, row.persons = e.ends, e.outlet, e.persons


@attrs.define
class KeySpellRow:
    """Since when a customer is in the key customer book."""

    since: date = column(key=True)  # noqa: RUF009 - an attrs field, not a default
    until: date | None = None


key_spells = ReadModel("retail.key_customers", KeySpellRow, title=Label("Key customers", "重点顾客"))


@key_spells.on
def _designated(rows: Rows[KeySpellRow], e: KeyCustomerDesignated, at: datetime) -> None:
    rows[e.since].until = e.until


# Stores


@attrs.define
class OutletRow:
    """A store."""

    outlet: str = ""
    name: str = ""
    opened_on: date | None = None


outlets = ReadModel("retail.outlets", OutletRow, title=Label("Stores", "门店"))


@outlets.on
def _opened(rows: Rows[OutletRow], e: StoreOpened, at: datetime) -> None:
    row = rows[()]
    row.outlet, row.name, row.opened_on = e.outlet, e.name, e.opened_on


@attrs.define
class BestEmployeeRow:
    """The best employee of a period."""

    fortnight: date = column(key=True)  # noqa: RUF009 - an attrs field, not a default
    employee: str = ""
    ground: str = ""
    at: datetime | None = None


best_employees = ReadModel(
    "retail.best_employees", BestEmployeeRow, title=Label("Best employees", "最佳员工")
)


@best_employees.on
def _chosen(rows: Rows[BestEmployeeRow], e: BestEmployeeChosen, at: datetime) -> None:
    row = rows[e.fortnight]
    row.employee, row.ground, row.at = e.employee, e.ground, at


@attrs.define
class StandardRow:
    """A version of a store's service standard."""

    version: int = column(key=True)
    effective_on: date | None = None
    articles: int = 0
    clauses: int = 0
    theme: str | None = None


standards = ReadModel("retail.service_standards", StandardRow, title=Label("Service standards", "服务规范"))


@standards.on
def _published(rows: Rows[StandardRow], e: ServiceStandardPublished, at: datetime) -> None:
    row = rows[e.version]
    row.effective_on, row.theme = e.effective_on, e.theme
    row.articles, row.clauses = len(e.articles), sum(len(article.clauses) for article in e.articles)


@attrs.define
class CheckRow:
    """A check of a store against its service standard."""

    check: str = column(key=True)
    at: datetime | None = None
    checked_on: date | None = None
    version: int = 0
    met: int = 0
    not_met: int = 0
    not_applicable: int = 0


checks = ReadModel("retail.service_checks", CheckRow, title=Label("Service checks", "服务规范检查"))


@checks.on
def _checked(rows: Rows[CheckRow], e: ServiceStandardChecked, at: datetime) -> None:
    row, answers = rows[e.check], list(e.clauses.values())
    row.at, row.checked_on, row.version = at, e.checked_on, e.version
    row.met, row.not_met, row.not_applicable = (
        answers.count(result) for result in ("met", "not_met", "not_applicable")
    )


# Reviews


@attrs.define
class ReviewRow:
    """A VIP review of a store."""

    outlet: str = ""
    quarter: str = ""
    chair: str = ""
    held_on: date | None = None
    at: datetime | None = None
    measures: int = 0


vip_reviews = ReadModel("retail.vip_reviews", ReviewRow, title=Label("VIP reviews", "VIP研讨会"))


@vip_reviews.on
def _reviewed(rows: Rows[ReviewRow], e: VipReviewNoted, at: datetime) -> None:
    row = rows[()]
    row.outlet, row.quarter, row.chair, row.held_on = e.outlet, e.quarter, e.chair, e.held_on
    row.at, row.measures = at, len(e.measures)


@attrs.define
class MeasureRow:
    """A measure of a review, and what became of it."""

    measure: str = column(key=True)
    text: str = ""
    person: str = ""
    outlet: str = ""
    quarter: str = ""
    agreed_on: date | None = None
    reported_at: datetime | None = None
    outcome: str | None = None


measures = ReadModel("retail.review_measures", MeasureRow, title=Label("Measures of reviews", "研讨措施"))


@measures.on
def _agreed(rows: Rows[MeasureRow], e: VipReviewNoted, at: datetime) -> None:
    for one in e.measures:
        row = rows[one.number]
        row.text, row.person, row.outlet, row.quarter = one.text, one.person, e.outlet, e.quarter
        row.agreed_on = e.held_on


@measures.on
def _reported(rows: Rows[MeasureRow], e: MeasureReported, at: datetime) -> None:
    row = rows[e.measure]
    row.reported_at, row.outcome = row.reported_at or at, e.outcome


READ_MODELS = (
    store_lines,
    sales_credits,
    visits,
    footfall,
    key_spells,
    outlets,
    best_employees,
    standards,
    checks,
    vip_reviews,
    measures,
)
