"""What a plugin shows is looked at before anybody sees it: sections of the whole view, due items, and reports."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import attrs
import pytest

from guanxi import (
    Asked,
    Cadence,
    Column,
    Command,
    Content,
    DueItem,
    Facet,
    Fact,
    Label,
    Look,
    Now,
    Overview,
    Parts,
    PluginError,
    Reader,
    Report,
    command,
    event,
)
from guanxi.kernel.reports import Drawing
from tests.kernel.desks import Desk, moment


@event("gym.class_held")
class ClassHeld(Fact):
    """A class was held."""

    people: int


@event("gym.joined")
class Joined(Fact):
    """Somebody joined."""


@command("gym.hold_class")
class HoldClass(Command):
    """Hold a class."""

    people: int


@command("gym.join")
class Join(Command):
    """Join."""


@attrs.define
class Class:
    """How many came to a class."""

    people: list[int] = attrs.field(factory=list)


@attrs.define
class Member:
    """Whether somebody is one."""

    since: datetime | None = None


klass = Facet("gym.klass", Class, subject="gym_class")
member = Facet("gym.member", Member)


@klass.evolve
def _held(s: Class, e: ClassHeld) -> None:
    s.people.append(e.people)


@klass.decide
def _hold(s: Class, c: HoldClass, now: Now) -> Iterator[Fact]:
    yield ClassHeld(people=c.people)


@member.evolve
def _joined(s: Member, e: Joined, at: datetime) -> None:
    s.since = at


@member.decide
def _join(s: Member, c: Join, now: Now) -> Iterator[Fact]:
    yield Joined()


NUMBER = Column("people", Label("People", "人数"), "integer")
SINCE = Column("since", Label("Since", "起"), "instant")


def _classes(look: Look) -> Iterator[tuple[Any, ...]]:
    yield from ((n,) for n in look.of(Class).people)


def _membership(look: Look) -> Iterator[tuple[Any, ...]]:
    if look.of(Member).since is not None:
        yield (look.of(Member).since,)


classes = Overview("gym.classes", Label("Classes", "课程"), (klass,), (NUMBER,), _classes)
membership = Overview("gym.membership", Label("Membership", "会籍"), (member,), (SINCE,), _membership)


def gym(**more: Any) -> Parts:
    return Parts(
        name="gym",
        version="1",
        title=Label("Gym", "健身房"),
        events=(ClassHeld, Joined),
        commands=(HoldClass, Join),
        facets=(klass, member),
        **more,
    )


def refused(code: str, call: Callable[[], object], *told: str) -> PluginError:
    """Assert that a call is refused in both languages, with texts in the message, and says what would be accepted."""
    with pytest.raises(PluginError) as caught:
        call()
    error = caught.value
    assert error.code == code, error
    for text in told:
        assert text in error.message
    assert not error.zh.isascii()
    assert error.accepts
    return error


# ------------------------------------------------------------ sections


def test_a_section_over_another_subject_leaves_the_whole_view_of_a_customer_as_it_is() -> None:
    with Desk(plugins=[gym(overviews=(classes, membership))]).open() as desk:
        desk.tell(Join())
        view = desk.ledger.whole_view("C-1")
        assert len(view.section("gym.membership").rows) == 1
        assert "gym.classes" not in {s.name for s in view.sections}
        assert "core.view_file" in {s.name for s in view.sections}


def test_the_whole_view_of_another_subject_has_the_sections_over_its_own_facets_alone() -> None:
    with Desk(plugins=[gym(overviews=(classes, membership))]) as desk:
        desk.tell(HoldClass(people=7), who="monday")
        view = desk.ledger.whole_view("monday")
        assert [(s.name, s.rows) for s in view.sections] == [("gym.classes", ((7,),))]


def test_a_section_that_reads_what_its_subject_has_not_is_named_and_not_the_customer() -> None:
    wrong = attrs.evolve(membership, rows=_classes)
    with Desk(plugins=[gym(overviews=(wrong,))]).open() as desk:
        error = refused(
            "reads_undeclared", lambda: desk.ledger.whole_view("C-1"), "gym.membership", "_classes"
        )
        assert "gym.member" in error.accepts


def _failing(look: Look) -> Iterator[tuple[Any, ...]]:
    yield (1,)
    raise IndexError("no such shelf")


def _failing_at_once(look: Look) -> list[tuple[Any, ...]]:
    raise IndexError("no such shelf")


def _nothing(look: Look) -> None:
    return None


@pytest.mark.parametrize("rows", [_failing, _failing_at_once, _nothing])
def test_a_section_that_fails_is_named_with_its_function(rows: Any) -> None:
    broken = attrs.evolve(membership, rows=rows)
    with Desk(plugins=[gym(overviews=(broken,))]).open() as desk:
        refused("handler_failed", lambda: desk.ledger.whole_view("C-1"), "gym.membership", rows.__name__)


WRONG_ROWS: dict[str, tuple[Any, str, str]] = {
    "too long": ((1, 2), "row_wrong", "row 1 of gym.shown has 2 cells, and there are 1 columns"),
    "too short": ((), "row_wrong", "has 0 cells"),
    "a text": ("x", "row_wrong", "is of type str"),
    "no row": (7, "row_wrong", "is of type int"),
    "a float": ((1.5,), "inexact_cell", "the cell 'people' in row 1 of gym.shown is a binary float"),
}


@pytest.mark.parametrize(("row", "code", "told"), WRONG_ROWS.values(), ids=WRONG_ROWS)
def test_a_row_that_does_not_fit_its_section_is_refused(row: Any, code: str, told: str) -> None:
    def rows(look: Look) -> Iterator[tuple[Any, ...]]:
        yield row

    broken = attrs.evolve(membership, name="gym.shown", columns=(NUMBER,), rows=rows)
    with Desk(plugins=[gym(overviews=(broken,))]).open() as desk:
        refused(code, lambda: desk.ledger.whole_view("C-1"), told, "rows")


# ------------------------------------------------------------ due items


SOON = moment("2025-06-10")
ITEM = DueItem("L-1", moment("2025-06-01"), SOON)


def due(*yields: Any) -> Desk:
    def items(reader: Reader, asked: Asked) -> Iterator[Any]:
        yield from yields

    cadence = Cadence("gym.greet", Label("Greet", "问候"), "GYM-1", (), items)
    return Desk(plugins=[gym(cadences=(cadence,))]).open()


def test_a_sound_item_is_listed() -> None:
    with due(("C-1", ITEM), ("C-1", attrs.evolve(ITEM, key="L-2", until=None))) as desk:
        assert [r.key for r in desk.ledger.due_items(cadence="gym.greet")] == ["L-1", "L-2"]


@pytest.mark.parametrize(
    ("yielded", "told"),
    [
        (ITEM, "yields DueItem for gym.greet"),
        (None, "NoneType"),
        (("C-1", ITEM, 1), "tuple"),
        (("C-1", "L-1"), "(str, str)"),
        ((None, ITEM), "(NoneType, DueItem"),
        (("C-1", attrs.evolve(ITEM, key=7)), "key of int"),
    ],
)
def test_what_is_no_due_item_is_refused_with_the_cadence_that_yields_it(yielded: Any, told: str) -> None:
    with due(yielded) as desk:
        refused("due_item_wrong", desk.ledger.due_items, told, "gym.greet", "items")
        refused("due_item_wrong", lambda: desk.ledger.report("core.due_items"), "gym.greet")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"since": datetime(2025, 6, 1)}, "since of an item of gym.greet is a datetime without a zone"),  # noqa: DTZ001
        ({"until": datetime(2025, 6, 10)}, "until of an item"),  # noqa: DTZ001
        ({"done_at": datetime(2025, 6, 2)}, "done_at of an item"),  # noqa: DTZ001
        ({"ends": datetime(2025, 6, 2)}, "ends of an item"),  # noqa: DTZ001
        ({"until": date(2025, 6, 10)}, "is date"),
        ({"since": None}, "since of an item of gym.greet is NoneType"),
    ],
)
def test_a_moment_that_cannot_be_compared_is_refused_with_the_cadence_that_names_it(
    changes: dict[str, Any], told: str
) -> None:
    with due(("C-1", attrs.evolve(ITEM, **changes))) as desk:
        refused("bad_due_moment", desk.ledger.due_items, told, "items")


def test_a_cadence_that_fails_midway_or_yields_nothing_at_all_is_named() -> None:
    def midway(reader: Reader, asked: Asked) -> Iterator[tuple[str, DueItem]]:
        yield "C-1", ITEM
        raise ValueError("no month")

    def nothing(reader: Reader, asked: Asked) -> Any:
        return None

    for items in (midway, nothing):
        cadence = Cadence("gym.greet", Label("Greet", "问候"), "GYM-1", (), items)
        with Desk(plugins=[gym(cadences=(cadence,))]).open() as desk:
            refused("handler_failed", desk.ledger.due_items, "gym.greet", items.__name__)


# ------------------------------------------------------------ reports


def answering(content: Any, **more: Any) -> Desk:
    def build(reader: Reader, parameters: None, asked: Asked) -> Any:
        return content

    report = Report("gym.shown", Label("Shown", "所示"), (), (NUMBER,), build, **more)
    return Desk(plugins=[gym(reports=(report,))])


@pytest.mark.parametrize("content", [None, [(1,)], {"rows": []}])
def test_a_report_that_returns_something_else_than_content_is_named(content: Any) -> None:
    with answering(content) as desk:
        refused("content_wrong", lambda: desk.ledger.report("gym.shown"), "build", "gym.shown")


def test_a_report_that_yields_its_rows_in_place_of_returning_them_is_named() -> None:
    with answering(iter([(1,)])) as desk:
        refused("content_wrong", lambda: desk.ledger.report("gym.shown"), "gym.shown")


@pytest.mark.parametrize(("row", "code", "told"), WRONG_ROWS.values(), ids=WRONG_ROWS)
def test_a_row_that_does_not_fit_its_report_is_refused(row: Any, code: str, told: str) -> None:
    with answering(Content([row])) as desk:
        error = refused(code, lambda: desk.ledger.report("gym.shown"), told, "build")
        if code == "inexact_cell":
            assert "Decimal" in error.accepts


def test_the_second_row_of_a_report_is_named_as_the_second() -> None:
    with answering(Content([(1,), (2.5,)])) as desk:
        refused("inexact_cell", lambda: desk.ledger.report("gym.shown"), "row 2")


def test_rows_are_as_long_as_the_columns_that_the_content_brings_itself() -> None:
    with answering(Content([(1, moment("2025-06-01"))], columns=(NUMBER, SINCE))) as desk:
        assert len(desk.ledger.report("gym.shown").rows) == 1
    with answering(Content([(1,)], columns=(NUMBER, SINCE))) as desk:
        refused("row_wrong", lambda: desk.ledger.report("gym.shown"), "has 1 cells, and there are 2 columns")


def test_a_float_in_the_rows_of_a_drawing_is_refused_too() -> None:
    with answering(Content([(1,)], drawing=Drawing(None, (NUMBER,), [(1.5,)]))) as desk:
        refused("inexact_cell", lambda: desk.ledger.report("gym.shown"), "people")


def test_exact_numbers_are_shown_as_they_are() -> None:
    with answering(Content([(1,), (Decimal("1.5"),), (None,), (True,)])) as desk:
        assert desk.ledger.report("gym.shown").rows == ((1,), (Decimal("1.5"),), (None,), (True,))


def test_rows_that_fail_while_they_are_taken_and_sums_that_cannot_be_looked_at_name_the_report() -> None:
    def rows() -> Iterator[tuple[Any, ...]]:
        yield (1,)
        raise KeyError("shelf")

    with answering(Content(rows())) as desk:  # type: ignore[arg-type]
        refused("handler_failed", lambda: desk.ledger.report("gym.shown"), "gym.shown", "KeyError")
    with answering(Content([(1,)]), foots=lambda found: [found[7][0]]) as desk:
        refused("handler_failed", lambda: desk.ledger.report("gym.shown"), "gym.shown", "IndexError")
