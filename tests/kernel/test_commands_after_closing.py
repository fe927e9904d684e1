"""A command may say that it is not about doing business: it is taken for a closed file too."""

from __future__ import annotations

from collections.abc import Iterator

import attrs
import pytest

from guanxi import (
    CloseRelationship,
    Command,
    Facet,
    Fact,
    Label,
    Now,
    Parts,
    PluginError,
    RuleNotMet,
    command,
    event,
)
from tests.kernel.desks import Desk


@event("shelf.dusted")
class Dusted(Fact):
    """A file was dusted."""


@command("shelf.dust", after_closing=True)
class Dust(Command):
    """Dust a file."""


@command("shelf.greet")
class Greet(Command):
    """Greet the customer."""


@attrs.define
class Shelf:
    """How often it was dusted."""

    times: int = 0


shelf = Facet("shelf.files", Shelf)


@shelf.evolve
def _dusted(s: Shelf, e: Dusted) -> None:
    s.times += 1


@shelf.decide
def _dust(s: Shelf, c: Dust | Greet, now: Now) -> Iterator[Fact]:
    yield Dusted()


PARTS = Parts(
    name="shelf",
    version="1",
    title=Label("Shelf", "架"),
    events=(Dusted,),
    commands=(Dust, Greet),
    facets=(shelf,),
)


def test_a_closed_file_takes_only_commands_that_are_not_about_doing_business() -> None:
    with Desk(plugins=[PARTS], now="2025-01-01") as desk:
        desk.open(on="2025-01-01")
        desk.tell(Greet())
        desk.tell(CloseRelationship(reason_code="price"))
        with pytest.raises(RuleNotMet, match="file_closed"):
            desk.tell(Greet())
        desk.tell(Dust())
        assert desk.ledger.history("C-1").state(Shelf).times == 2


def test_a_command_cannot_have_a_field_of_that_name() -> None:
    with pytest.raises(PluginError, match="reserved_name"):

        @command("shelf.wrong")
        class Wrong(Command):
            after_closing: bool


def test_a_report_knows_which_plugins_are_there() -> None:
    with Desk(plugins=[PARTS], now="2025-01-01") as desk:
        at = "2025-01-01T00:00:00.000000Z"
        asked, _ = desk.ledger.reporting.asked(at, at, desk.ledger.rule_book())
        assert asked.installed == {"core", "shelf"}
