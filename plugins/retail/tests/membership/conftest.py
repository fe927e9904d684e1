"""Clubs to test with."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from guanxi import RuleSet
from plugins.retail.tests.membership.club import Club


@pytest.fixture
def club() -> Iterator[Callable[..., Club]]:
    """Makes clubs under the given rule sets; what they decided is judged anew at the end."""
    made: list[Club] = []

    def make(*rules: RuleSet) -> Club:
        made.append(Club(*rules))
        return made[-1]

    yield make
    for one in made:
        checked = one.ledger.check_determinism()
        one.ledger.close()
        assert (checked.changes, checked.faults) == ((), ()), (
            "judged anew, every decision comes out as it was stored"
        )
