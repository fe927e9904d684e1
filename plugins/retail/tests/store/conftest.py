"""Shop floors to test with."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from guanxi import RuleSet
from plugins.retail.tests.store.floor import Floor


@pytest.fixture
def floor() -> Iterator[Callable[..., Floor]]:
    """Makes shop floors under the given rule sets."""
    made: list[Floor] = []

    def make(*rules: RuleSet) -> Floor:
        made.append(Floor(*rules))
        return made[-1]

    yield make
    for one in made:
        one.ledger.close()
