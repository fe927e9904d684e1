"""Finding every public call by reflection, and trying each as its case says, with the other tenant under watch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pytest

from tests.adapters.tenants.world import World

Case = Callable[[World], None]


class Cases:
    """What each public call of some classes does about another tenant; a call without a case fails the tests.

    Args:
        title: names them in the tests.
        *kinds: the classes.
        no_rows: calls that touch nobody's rows, each with the reason why.
        inherited: whether the calls that they inherit count as theirs.
        also: further calls, which reflection does not find on the classes.
    """

    def __init__(
        self,
        title: str,
        *kinds: type,
        no_rows: Mapping[str, str] | None = None,
        inherited: bool = True,
        also: Iterable[str] = (),
    ) -> None:
        self.title, self._no_rows = title, dict(no_rows or {})
        found = {name for kind in kinds for name in (dir(kind) if inherited else vars(kind))}
        self.names = {name for name in (*found, *also) if not name.startswith("_")}
        self.cases: dict[str, Case] = {}

    def __str__(self) -> str:
        return self.title

    def __call__(self, name: str) -> Callable[[Case], Case]:
        """Return a decorator that makes a function the case of a call."""

        def put(case: Case) -> Case:
            assert name not in self.cases
            self.cases[name] = case
            return case

        return put

    def parameters(self) -> list[Any]:
        """Return the cases for a parametrised test."""
        return [pytest.param(case, id=f"{self.title}-{name}") for name, case in self.cases.items()]

    def check(self) -> None:
        """Hold that each call has a case, or a reason why it touches no rows; and that there is no case of anything else."""
        told = self.cases.keys() | self._no_rows.keys()
        assert not self.names - told, f"no case tells what these do about another tenant: {self.names - told}"
        assert not told - self.names, f"these are no calls any longer: {told - self.names}"
        assert not self.cases.keys() & self._no_rows.keys()


def attempt(world: World, case: Case) -> None:
    """Try a call, and hold that every row of the other tenant is as it was."""
    world.given.clear()
    world.before = world.theirs()
    assert world.before, "the other tenant has nothing to be seen or changed"
    case(world)
    before, after = world.before, world.theirs()
    changed = [name for name in before.keys() | after.keys() if before.get(name) != after.get(name)]
    assert not changed, f"rows of the other tenant changed in {changed}"
