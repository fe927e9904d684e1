"""A desk at a car dealer's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest

from guanxi import RuleSet
from guanxi_retail.cars.parts import parts
from guanxi_retail.cars.rules import NationalPriceRules, VehicleOrderRules
from plugins.retail.tests.cars.desk import Desk

PAPERS = ("id_card", "invoice", "certificate", "insurance", "tax")


@pytest.fixture
def dealer() -> Iterator[Callable[..., Desk]]:
    """Makes desks that sell the Breeze for 120,000, under further rule sets if any."""
    made: list[Desk] = []

    def make(*rules: RuleSet) -> Desk:
        prices = NationalPriceRules(prices={"Breeze": Decimal(120_000)})
        orders = VehicleOrderRules(required_documents=PAPERS, sales_managers=("manager",))
        own = {type(one) for one in rules}
        standard = [one for one in (prices, orders) if type(one) not in own]
        made.append(Desk(parts, *standard, *rules))
        return made[-1]

    yield make
    for one in made:
        one.ledger.close()
