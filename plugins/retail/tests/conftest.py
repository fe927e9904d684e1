"""Tills and a shop to test with."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from guanxi import RuleSet
from guanxi_retail import PointsRules
from plugins.retail.tests.till import Shop, Till, sample_tellings


@pytest.fixture
def till() -> Iterator[Callable[..., Till]]:
    """Makes tills under the given rule sets."""
    made: list[Till] = []

    def make(*rules: RuleSet) -> Till:
        made.append(Till(*(rules or (PointsRules(),))))
        return made[-1]

    yield make
    for one in made:
        one.ledger.close()


@pytest.fixture(scope="session")
def shop() -> Iterator[Shop]:
    """The whole sample as one batch, taken in on 2012-03-01."""
    made = Shop(("2012-03-01", sample_tellings("one")))
    yield made
    made.ledger.close()
