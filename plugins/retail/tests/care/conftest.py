"""A counter that cares for its members."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from guanxi import RuleSet
from plugins.retail.tests.care.counter import Counter


@pytest.fixture
def counter() -> Iterator[Callable[..., Counter]]:
    """Makes counters under the given rule sets."""
    made: list[Counter] = []

    def make(*rules: RuleSet) -> Counter:
        made.append(Counter(*rules))
        return made[-1]

    yield make
    for one in made:
        one.ledger.close()
