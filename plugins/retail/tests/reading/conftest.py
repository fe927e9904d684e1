"""A desk of a reading site."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest

from guanxi import RuleSet
from guanxi_retail.reading.parts import parts
from guanxi_retail.reading.rules import ChapterPriceRules
from plugins.retail.tests.cars.desk import Desk


@pytest.fixture
def site() -> Iterator[Callable[..., Desk]]:
    """Makes desks that sell the chapters of "Moon" for 0.10, under further rule sets if any."""
    made: list[Desk] = []

    def make(*rules: RuleSet) -> Desk:
        prices = ChapterPriceRules(prices={"Moon": Decimal("0.10")}, free_chapters={"Moon": 2})
        made.append(
            Desk(parts, *([] if any(isinstance(r, ChapterPriceRules) for r in rules) else [prices]), *rules)
        )
        return made[-1]

    yield make
    for one in made:
        one.ledger.close()
