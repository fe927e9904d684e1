"""Tills under a ladder of tiers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from guanxi import RuleSet
from guanxi_retail import TierRules
from guanxi_retail.tiers.state import Tiers
from plugins.retail.tests.tiers.ladder import LADDER, SAMPLE
from plugins.retail.tests.till import MEMBER, Shop, Till, local, sample_tellings

BEGIN_OF_SAMPLE = "1996-01-01"


class Ladder:
    """A till whose members climb a ladder."""

    def __init__(self, till: Till) -> None:
        self.till = till

    def __getattr__(self, name: str) -> Any:
        return getattr(self.till, name)

    def tier(self, as_of: str | None = None, as_known: str | None = None, member: str = MEMBER) -> Tiers:
        """The member's tier at a cut."""
        history = self.till.ledger.history(member)
        if as_of is not None:
            history = history.as_of(as_of)
        if as_known is not None:
            history = history.as_known(as_known)
        state: Tiers = history.state(Tiers)
        return state

    def held(self, as_of: str | None = None, as_known: str | None = None) -> tuple[str | None, str]:
        """The tier in force at a cut and its last day."""
        state = self.tier(as_of, as_known)
        return state.tier, str(state.valid_until)

    def name(self, as_of: str | None = None, as_known: str | None = None) -> str:
        """The name of the tier in force at a cut; that which everybody has where none was drawn."""
        return self.tier(as_of, as_known).tier or "Basic"


@pytest.fixture
def climb(till: Callable[..., Till]) -> Callable[..., Ladder]:
    """Makes tills under the example ladder, with other parameters as given."""

    def make(*more: RuleSet, **parameters: Any) -> Ladder:
        return Ladder(till(TierRules(**{"tiers": LADDER, **parameters}), *more))

    return make


@pytest.fixture(scope="session")
def sample() -> Iterator[Callable[..., Shop]]:
    """Takes in the whole sample under its ladder by half-years; one shop for each downgrade mode."""
    made: dict[str, Shop] = {}

    def make(downgrade: str = "automatic") -> Shop:
        if downgrade not in made:
            shop = Shop()
            rules = TierRules(tiers=SAMPLE, period="half_year", downgrade=downgrade)  # type: ignore[arg-type]
            shop.ledger.publish(
                rules,
                effective_from=local(BEGIN_OF_SAMPLE),
                by="drafter",
                approved_by="board",
                retroactive="set-up",
            )
            shop.now = local("2012-03-01")
            shop.verdicts.append(shop.ledger.take_in(sample_tellings("one")))
            made[downgrade] = shop
        return made[downgrade]

    yield make
    for one in made.values():
        one.ledger.close()
