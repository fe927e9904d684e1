"""Tills whose every decision has to come out again when the ledger is derived anew."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from guanxi import RuleSet
from plugins.retail.tests.till import Till


@pytest.fixture
def till() -> Iterator[Callable[..., Till]]:
    """Makes tills under the given rule sets; at the end of the test each is derived again from its log."""
    made: list[Till] = []

    def make(*rules: RuleSet) -> Till:
        made.append(Till(*rules))
        return made[-1]

    yield make
    for one in made:
        found = one.ledger.rederive()
        one.ledger.close()
        assert found.same, found.changes
