"""A rule set published at the very instant of an entry is known after it, and judged."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from guanxi import Money
from guanxi_retail import PointsRules, RecordPurchase
from guanxi_retail.points.points import Points
from tests.laws.histories import CUSTOMER, START, Teller, opened


def test_a_retroactive_version_published_at_the_instant_of_an_entry_is_not_passed_over() -> None:
    with opened() as ledger:
        teller = Teller(ledger)
        teller.begin(PointsRules(rate=Decimal(1)))
        teller.now = START + timedelta(days=10)
        ledger.execute(CUSTOMER, RecordPurchase(receipt="A", paid=Money(100, "CNY")), actor="clerk")
        ledger.publish(
            PointsRules(rate=Decimal(6)),
            effective_from=START,
            by="a",
            approved_by="b",
            retroactive="agreed before",
        )
        assert ledger.history(CUSTOMER).state(Points).balance == 600
        assert (
            ledger.history(CUSTOMER)
            .as_known(datetime.fromisoformat("2012-01-05T00:00+00:00"))
            .state(Points)
            .balance
            == 0
        )
