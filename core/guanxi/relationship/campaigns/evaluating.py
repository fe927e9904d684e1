"""Filing a campaign's evaluation with the figures that its report gives (CORE-50)."""

from __future__ import annotations

from decimal import Decimal

from guanxi.kernel.errors import Unknown
from guanxi.kernel.ledger import Ledger
from guanxi.kernel.telling import Outcome
from guanxi.kernel.values import Money
from guanxi.relationship.campaigns.commands import EvaluateCampaign
from guanxi.relationship.campaigns.events import FailureCause

REPORT = "core.campaign_evaluation"


def file_evaluation(
    ledger: Ledger,
    campaign: str,
    *,
    actor: str,
    currency: str = "CNY",
    result: str | None = None,
    failure_cause: FailureCause = "none",
) -> Outcome:
    """File the next version of a campaign's evaluation, with what its report says now and that report's digest.

    Args:
        ledger: where it is recorded.
        campaign: its id.
        actor: who evaluates.
        currency: of the amounts.
        result: plan against result, in words.
        failure_cause: why it failed, if it did.

    Raises:
        Unknown: ``unknown_code`` for a campaign that was never planned.
    """
    report = ledger.report(REPORT, campaign=campaign)
    if not report.rows:
        raise Unknown(
            "unknown_code",
            f"no campaign {campaign} was planned",
            zh=f"没有营销活动 {campaign} 的计划",
            rule="CORE-50",
            accepts="the id of a campaign that was planned",
        )
    told = dict(zip([c.name for c in report.columns], report.rows[0], strict=True))

    def money(amount: Decimal | None) -> Money | None:
        return None if amount is None else Money(amount, currency)

    command = EvaluateCampaign(
        report=report.manifest.digest,
        sent=told["sent"],
        reached_customers=told["reached"],
        responded=told["responded"],
        order_count=told["orders"],
        revenue=money(told["revenue"]),
        margin=money(told["margin"]),
        cost=money(told["cost"]),
        result=result,
        failure_cause=failure_cause,
    )
    return ledger.execute(campaign, command, actor=actor)
