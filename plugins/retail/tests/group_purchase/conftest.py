"""Cellars to test with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from guanxi import RuleSet
from plugins.retail.tests.group_purchase.cellar import Cellar


@pytest.fixture
def cellar() -> Iterator[Callable[..., Cellar]]:
    """Makes cellars under the given rule sets."""
    made: list[Cellar] = []

    def make(*rules: RuleSet, **more: Any) -> Cellar:
        made.append(Cellar(*rules, **more))
        return made[-1]

    yield make
    for one in made:
        one.ledger.close()
