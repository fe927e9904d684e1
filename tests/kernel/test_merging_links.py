"""What merges show that other links do not, commands that name another file, and claims whose other holders are told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import attrs
import pytest

from guanxi import (
    ADVISORY,
    Claim,
    Command,
    Facet,
    Fact,
    Label,
    Money,
    Now,
    Parts,
    Source,
    Unknown,
    command,
    event,
    field,
    key,
)
from guanxi.kernel.messages import MERGED
from guanxi.kernel.standard import ClaimShared, StreamJoined, StreamLinked
from guanxi.relationship.dealings.commands import IssueInvoice, RecordReceipt
from guanxi.relationship.dealings.receivables import Receivables
from guanxi.relationship.dealings.warnings import Warnings
from guanxi.relationship.file.commands import MergeFiles, UndoMerge
from guanxi.relationship.service.commands import MakePromise
from guanxi.relationship.service.promises import Promises
from tests.kernel.desks import Desk, moment


@event("tags.tagged", standing=True, carried=MERGED)
class Tagged(Fact):
    kind: str = key()
    value: str


@event("tags.counted")
class Counted(Fact):
    amount: int


@command("tags.tag")
class Tag(Command):
    kind: str
    value: str


@command("tags.count")
class Count(Command):
    amount: int


@command("tags.point", names="other")
class Point(Command):
    other: str = field(default="")


@event("tags.pointed")
class Pointed(Fact):
    here: str
    there: str


@attrs.define
class Tags:
    values: dict[str, str] = attrs.field(factory=dict)
    total: int = 0
    owner: str = "nobody"


tags = Facet("tags.tags", Tags)


@tags.evolve
def _tagged(s: Tags, e: Tagged) -> None:
    s.values[e.kind] = e.value


@tags.evolve
def _counted(s: Tags, e: Counted) -> None:
    s.total += e.amount


@tags.decide
def _tag(s: Tags, c: Tag, now: Now) -> Iterator[Fact]:
    yield Tagged(kind=c.kind, value=c.value)


@tags.decide
def _count(s: Tags, c: Count, now: Now) -> Iterator[Fact]:
    yield Counted(amount=c.amount)


@tags.decide
def _point(s: Tags, c: Point, now: Now) -> Iterator[Fact]:
    yield Pointed(here=now.stream, there=now.other)


@tags.claim
def _alike(e: Tagged, s: Tags) -> Iterator[Claim]:
    yield Claim("tags.pair", f"{e.value}/{len(s.values)}", ADVISORY, told=True)


PARTS = Parts(
    name="tags",
    version="1",
    title=Label("Tags", "标签"),
    events=(Tagged, Counted, Pointed),
    commands=(Tag, Count, Point),
    facets=(tags,),
)


@pytest.fixture
def desk() -> Iterator[Desk]:
    with Desk(plugins=[PARTS], now="2025-01-01") as d:
        yield d.open("A", "B", on="2025-01-01")


def link(desk: Desk, link_type: str, mode: str = "whole") -> None:
    desk.on("2025-03-01").ledger.link(
        "A",
        "B",
        mode=mode,
        link_type=link_type,
        actor="clerk",
        reason="r",  # type: ignore[arg-type]
    )


def shown(desk: Desk) -> Tags:
    state: Tags = desk.ledger.history("A").state(Tags)
    return state


@pytest.mark.parametrize(
    ("link_type", "values"), [("merge", {"size": "L", "colour": "red"}), ("member", {"size": "L"})]
)
def test_what_says_of_the_party_what_it_is_is_shown_by_merges_alone(
    desk: Desk, link_type: str, values: dict[str, str]
) -> None:
    desk.tell(Tag(kind="size", value="L"), who="A")
    desk.on("2025-02-01").tell(Tag(kind="size", value="S"), who="B")
    desk.tell(Tag(kind="colour", value="red"), who="B")
    link(desk, link_type)
    assert shown(desk).values == values


def test_a_chosen_value_counts_in_place_of_ones_own_until_a_later_one(desk: Desk) -> None:
    desk.on("2025-02-01").tell(Tag(kind="size", value="L"), who="A")
    desk.on("2025-01-15")
    desk.tell(Tag(kind="size", value="S"), who="B")
    desk.on("2025-03-01").tell(MergeFiles(absorbed="B", choices={"size": "absorbed"}), who="A")
    assert shown(desk).values == {"size": "S"}
    desk.on("2025-03-02").tell(Tag(kind="size", value="M"), who="A")
    assert shown(desk).values == {"size": "M"}
    assert desk.ledger.check_determinism().same


@pytest.mark.parametrize("link_type", ["merge", "member"])
def test_one_source_reference_counts_once(desk: Desk, link_type: str) -> None:
    for who in ("A", "B"):
        desk.tell(Count(amount=5), who=who, source=Source("till", "R-1", "1"))
        desk.tell(Count(amount=1), who=who, source=Source("till", "R-1", who))
    link(desk, link_type)
    assert shown(desk).total == 7
    desk.on("2025-03-02").tell(Count(amount=3), who="B", source=Source("till", "R-2", "1"))
    assert shown(desk).total == 10
    desk.tell(Count(amount=3), who="A", source=Source("till", "R-2", "1"))
    assert shown(desk).total == 10
    assert desk.ledger.check_determinism().same


def test_a_command_names_another_file_and_its_decider_finds_both(desk: Desk) -> None:
    (pointed,) = desk.tell(Point(other="B"), who="A").events
    assert pointed == Pointed(here=desk.stream("A"), there=desk.stream("B"))
    with pytest.raises(Unknown, match="unknown_relationship"):
        desk.tell(Point(other="nobody"), who="A")


def test_a_command_that_links_is_judged_with_what_it_shows_in_one_transaction(desk: Desk) -> None:
    desk.tell(Count(amount=5), who="B")
    outcome = desk.on("2025-03-01").tell(MergeFiles(absorbed="B"), who="A")
    assert any(isinstance(e, StreamLinked) for e in outcome.events)
    names = [e.name for e in outcome.elsewhere]
    assert StreamJoined.stored_name in names
    assert shown(desk).total == 5


def test_a_file_is_told_who_else_holds_what_it_takes(desk: Desk) -> None:
    desk.tell(Tag(kind="size", value="L"), who="A")
    events = desk.tell(Tag(kind="size", value="L"), who="B").events
    assert events[-1] == ClaimShared(kind="tags.pair", others=(desk.stream("A"),))
    assert [type(e) for e in desk.tell(Tag(kind="size", value="M"), who="B").events] == [Tagged]


def test_files_shown_as_one_are_told_nothing_of_each_other(desk: Desk) -> None:
    desk.tell(Tag(kind="size", value="L"), who="A")
    link(desk, "merge")
    assert [type(e) for e in desk.tell(Tag(kind="size", value="L"), who="B").events] == [Tagged]


@pytest.fixture
def two_files() -> Iterator[Desk]:
    with Desk(plugins=[], now="2025-01-01") as desk:
        desk.open("F1", "F2", on="2025-01-01")
        yield desk


def test_two_files_that_absorbed_each_other_in_turn_come_to_rest(two_files: Desk) -> None:
    two_files.on("2025-02-01").tell(MergeFiles(absorbed="F1"), who="F2")
    two_files.on("2025-03-01").tell(UndoMerge(absorbed="F1"), who="F2")
    two_files.on("2025-04-01").tell(MergeFiles(absorbed="F2"), who="F1")
    invoice = IssueInvoice(invoice="R", amount=Money(100, "CNY"), due_on=date(2025, 2, 10))
    two_files.on("2025-04-02").tell(invoice, "2025-02-05", who="F1", reason="late")
    assert two_files.ledger.history("F1").state(Warnings).of_kind("overdue") == ["R"]
    two_files.on("2025-04-03").tell(RecordReceipt(receipt="M", amount=Money(100, "CNY")), who="F2")
    assert two_files.ledger.history("F1").state(Warnings).of_kind("overdue") == []


def test_what_fell_due_before_an_entry_of_the_other_file_is_decided_all_the_same(two_files: Desk) -> None:
    two_files.on("2025-02-01").tell(MergeFiles(absorbed="F1"), who="F2")
    promise = MakePromise(promise="P", content="to call", due=date(2025, 2, 17), basis="plan", promiser="Ann")
    two_files.on("2025-02-09").tell(promise, who="F2")
    invoice = IssueInvoice(invoice="R", amount=Money(100, "CNY"), due_on=date(2025, 3, 1))
    two_files.on("2025-03-10").tell(invoice, who="F1")
    assert two_files.ledger.history("F2").state(Promises).promises["P"].state == "broken"


def test_a_reference_in_both_counts_from_the_survivors_own_day_at_every_cut(two_files: Desk) -> None:
    paid = RecordReceipt(receipt="M", amount=Money(100, "CNY"))
    told = {"source": Source("ERP", "M", "1")}
    own = two_files.on("2025-02-01").tell(paid, who="F1", **told).entries[0]
    two_files.tell(paid, who="F2", **told)
    two_files.on("2025-02-02").tell(MergeFiles(absorbed="F2"), who="F1")
    later = moment("2025-03-01")
    two_files.on("2025-03-02")
    two_files.ledger.correct(own.id, effective_from=later, actor="clerk", reason="wrong day")
    history = two_files.ledger.history("F1")
    assert history.as_of("2025-02-20").state(Receivables).advance("CNY") == 0
    assert history.as_of("2025-03-02").state(Receivables).advance("CNY") == 100
