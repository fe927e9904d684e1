"""What a campaign brought to a store: sales above the period before, by the margin, less what it cost (RET-38)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import attrs

from guanxi import Asked, Label, Ledger, Money, Outcome, Reader, ReadModel, Rows, Unknown, column
from guanxi.relationship.campaigns.commands import EvaluateCampaign
from guanxi.relationship.campaigns.events import CampaignCostIncurred, CampaignPlanned
from guanxi.relationship.campaigns.read_models import CampaignRow
from guanxi_retail.store.metrics import NOTHING
from guanxi_retail.store.read_models import SALE, store_lines

REPORT = "retail.campaign_evaluation"
VOUCHERS, GIFTS, POINTS, MEDIA, OTHER = "vouchers", "gifts", "points", "media", "other"
ITEMS = (VOUCHERS, GIFTS, POINTS, MEDIA, OTHER)
"""What a campaign's costs are for; what is named otherwise is other."""


@attrs.define
class PlanRow:
    """The days of a campaign, under the current version of its plan."""

    version: int = 0
    title: str = ""
    starts_on: date | None = None
    ends_on: date | None = None


campaign_plans = ReadModel("retail.campaign_plans", PlanRow, title=Label("Days of campaigns", "活动日期"))


@campaign_plans.on
def _planned(rows: Rows[PlanRow], e: CampaignPlanned, at: datetime) -> None:
    row = rows[()]
    if e.version >= row.version:
        row.version, row.title, row.starts_on, row.ends_on = e.version, e.title, e.starts_on, e.ends_on


@attrs.define
class CostRow:
    """A cost of a campaign."""

    cost: str = column(key=True)
    item: str = OTHER
    amount: Decimal = NOTHING
    currency: str = ""


campaign_costs = ReadModel("retail.campaign_costs", CostRow, title=Label("Costs of campaigns", "活动费用"))


@campaign_costs.on
def _cost(rows: Rows[CostRow], e: CampaignCostIncurred, at: datetime) -> None:
    row = rows[e.cost]
    row.item = e.item if e.item in ITEMS else OTHER
    row.amount, row.currency = e.amount.amount, e.amount.currency


def ended_on(plan: PlanRow, campaign: CampaignRow | None, asked: Asked) -> date | None:
    """Return the last day of a campaign that is over: when it was ended, or as planned; None while it runs.

    Args:
        plan: its days.
        campaign: the core's row of it.
        asked: the cut.
    """
    if campaign is not None and campaign.ended_at is not None:
        day = asked.day_of(campaign.ended_at)
        return day if plan.ends_on is None else min(day, plan.ends_on)
    return plan.ends_on if plan.ends_on is not None and plan.ends_on <= asked.day else None


def days_before(first: date, last: date) -> tuple[date, date]:
    """Return the preceding period of equal length; no more than the calendar has."""
    begins = 2 * first.toordinal() - last.toordinal() - 1
    ends = first.toordinal() - 1
    return date.fromordinal(max(begins, 1)), date.fromordinal(max(ends, 1))


def sold_between(reader: Reader, first: date, last: date, outlet: str | None, area: str | None) -> Decimal:
    """Return what receipts of a period came to, less what came back of them, whenever that was.

    Args:
        reader: over ``store_lines``.
        first: first day of the period.
        last: last day of the period.
        outlet: one store; all if None.
        area: one floor or department; all if None.
    """
    total, sold = NOTHING, set()
    back: dict[tuple[str, str, int], Decimal] = {}
    for stream, row in reader.rows(store_lines):
        if row.claimed or outlet not in (None, row.outlet) or area not in (None, row.floor):
            continue
        line = stream, row.receipt, row.line
        if row.refund != SALE:
            back[line] = back.get(line, NOTHING) + row.net
        elif row.day is not None and first <= row.day <= last:
            total += row.net
            sold.add(line)
    return total - sum((net for line, net in back.items() if line in sold), NOTHING)


def file_store_evaluation(
    ledger: Ledger,
    campaign: str,
    *,
    actor: str,
    outlet: str | None = None,
    area: str | None = None,
    currency: str = "CNY",
) -> Outcome:
    """File the next version of a campaign's evaluation, with what its report says now and that report's digest (RET-38).

    Args:
        ledger: where it is recorded.
        campaign: its id.
        actor: who evaluates.
        outlet: one store; all if not given.
        area: one floor or department; all if not given.
        currency: of the amounts.

    Raises:
        Unknown: ``unknown_code`` for a campaign whose days were never planned.
    """
    report = ledger.report(REPORT, campaign=campaign, outlet=outlet, area=area)
    if not report.rows:
        raise Unknown(
            "unknown_code",
            f"no days of a campaign {campaign} were planned",
            zh=f"没有营销活动 {campaign} 的日期",
            rule="RET-38",
            accepts="the id of a campaign with a first and a last day",
        )
    told = dict(zip([column.name for column in report.columns], report.rows[0], strict=True))
    command = EvaluateCampaign(
        report=report.manifest.digest,
        revenue=Money(told["sales"], currency),
        margin=Money(told["gain"], currency),
        cost=Money(told["cost"], currency),
        result=str(told["result"]),
    )
    return ledger.execute(campaign, command, actor=actor)
