"""The door at which calls ask, views in somebody's name, and refusals that leave something on record."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import attrs
import pytest

from guanxi import (
    Facet,
    Fact,
    Incomplete,
    Invalid,
    Label,
    Ledger,
    NotPermitted,
    Now,
    Parts,
    PluginError,
    Source,
    Telling,
    To,
)
from guanxi.kernel.access import Attempt, let_in
from guanxi.kernel.acting import Acting
from guanxi.kernel.messages import Command, command, event
from guanxi.kernel.rules import RuleBook
from guanxi.relationship.access.rules import AccessRules
from tests.kernel.desks import Desk, moment


@event("gate.paper_taken")
class PaperTaken(Fact):
    """A paper was taken in."""

    number: str


@event("gate.paper_returned")
class PaperReturned(Fact):
    """A paper was faulty and went back."""

    number: str


@event("gate.noted")
class Noted(Fact):
    """Somebody noted something."""

    what: str


@command("gate.take_paper")
class TakePaper(Command):
    """Hand a paper in."""

    number: str
    faulty: bool = False


@command("gate.note")
class Note(Command):
    """Note something."""

    what: str


@attrs.define
class Papers:
    """Papers taken in, and those that went back."""

    taken: list[str] = attrs.field(factory=list)
    returned: list[str] = attrs.field(factory=list)


@attrs.define
class Notes:
    """What was noted."""

    notes: list[str] = attrs.field(factory=list)


papers = Facet("gate.papers", Papers)
notes = Facet("gate.notes", Notes, subject="gate_log")


@papers.evolve
def _taken(s: Papers, e: PaperTaken) -> None:
    s.taken.append(e.number)


@papers.evolve
def _returned(s: Papers, e: PaperReturned) -> None:
    s.returned.append(e.number)


@papers.decide
def _take(s: Papers, c: TakePaper, now: Now) -> Iterator[Fact]:
    yield PaperTaken(number=f"{c.number}-draft")
    if c.faulty:
        raise Incomplete("intake_rejected", "a signature is missing").keeping(
            PaperReturned(number=c.number), To("gate-log", Note(what=c.number))
        )
    yield PaperTaken(number=c.number)


@notes.evolve
def _noted(s: Notes, e: Noted) -> None:
    s.notes.append(e.what)


@notes.decide
def _note(s: Notes, c: Note, now: Now) -> Iterator[Fact]:
    yield Noted(what=c.what)


class Guard:
    """Lets in whom it knows, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Attempt] = []
        self.on = True

    def in_force(self, book: RuleBook, at: str) -> bool:
        """Return whether it is on duty."""
        return self.on

    def admit(self, ledger: Ledger, attempt: Attempt) -> None:
        """Refuse strangers."""
        self.asked.append(attempt)
        if attempt.actor.name == "stranger":
            raise NotPermitted("not_authorised", "no").keeping(To("gate-log", Note(what=attempt.asked)))


@pytest.fixture
def guard() -> Guard:
    return Guard()


@pytest.fixture
def desk(guard: Guard) -> Iterator[Desk]:
    gate = Parts(
        name="gate",
        version="1",
        title=Label("Gate", "门禁"),
        events=(PaperTaken, PaperReturned, Noted),
        commands=(TakePaper, Note),
        facets=(papers, notes),
        access=guard,
    )
    with Desk(plugins=[gate]) as desk:
        desk.open()
        guard.asked.clear()
        yield desk


def state(desk: Desk, stream: str, kind: type[Any]) -> Any:
    with let_in():
        judged = desk.ledger.relationship(stream)
    return judged.states[judged.room.states[kind]]


# ------------------------------------------------------------ record this, and then refuse


def test_what_a_refusal_keeps_is_recorded_and_nothing_else_of_the_command(desk: Desk) -> None:
    with pytest.raises(Incomplete, match="intake_rejected"):
        desk.tell(TakePaper(number="P-1", faulty=True))
    found = state(desk, desk.stream(), Papers)
    assert (found.taken, found.returned) == ([], ["P-1"])
    assert state(desk, "gate-log", Notes).notes == ["P-1"]


def test_a_retry_of_the_same_reference_records_nothing_twice_and_is_judged_anew(desk: Desk) -> None:
    source = Source("desk", "P-1")
    for _ in range(2):
        with pytest.raises(Incomplete):
            desk.tell(TakePaper(number="P-1", faulty=True), source=source)
    assert state(desk, desk.stream(), Papers).returned == ["P-1"]
    desk.tell(TakePaper(number="P-1"), source=source)
    assert "P-1" in state(desk, desk.stream(), Papers).taken


def test_without_a_reference_each_attempt_is_one_of_its_own(desk: Desk) -> None:
    for _ in range(2):
        with pytest.raises(Incomplete):
            desk.tell(TakePaper(number="P-1", faulty=True))
    assert state(desk, desk.stream(), Papers).returned == ["P-1", "P-1"]


def test_lines_of_a_batch_keep_what_their_refusals_leave_and_a_rehearsal_keeps_nothing(desk: Desk) -> None:
    lines = [
        Telling(
            subject="C-1",
            command=TakePaper(number=f"P-{n}", faulty=n == 2),
            actor="clerk",
            source=Source("desk", f"P-{n}"),
            occurred_at=moment("2025-05-31"),
            batch="desk-1",
        )
        for n in (1, 2, 3)
    ]
    assert [v.status for v in desk.ledger.take_in(lines, dry=True)] == ["accepted", "refused", "accepted"]
    assert state(desk, desk.stream(), Papers).returned == []
    assert [v.status for v in desk.ledger.take_in(lines)] == ["accepted", "refused", "accepted"]
    found = state(desk, desk.stream(), Papers)
    assert found.returned == ["P-2"]
    assert {"P-1", "P-3"} < set(found.taken)


def test_what_is_kept_is_dated_and_signed_as_the_command_was(desk: Desk) -> None:
    with pytest.raises(Incomplete):
        desk.tell(TakePaper(number="P-1", faulty=True), "2025-05-20", actor="li", reason="from the file")
    with let_in():
        (entry,) = [r.entry for r in desk.ledger.search(name="gate.paper_returned")]
    assert (entry.actor, entry.occurred_at[:10]) == ("li", "2025-05-20")


# ------------------------------------------------------------ the door


def test_a_stranger_is_refused_before_anything_is_read_and_his_attempt_kept(desk: Desk, guard: Guard) -> None:
    stranger = desk.ledger.as_actor("stranger")
    calls = {
        "history": lambda: stranger.history("C-1"),
        "report": lambda: stranger.report("core.files"),
        "search": stranger.search,
        "due_items": stranger.due_items,
        "subscribe": stranger.subscribe,
        "find_by": lambda: stranger.find_by("x", "y"),
        "relationship": lambda: stranger.relationship(desk.stream()),
        "gate.note": lambda: stranger.execute("gate-x", Note(what="x")),
        "correct": lambda: stranger.correct("x/1", {}, reason="x"),
        "void": lambda: stranger.void("x/1", reason="x"),
        "link": lambda: stranger.link("C-1", "C-2", mode="whole", link_type="x", reason="x"),
        "unlink": lambda: stranger.unlink("C-1", "C-2", reason="x"),
        "run": lambda: stranger.run("no.run"),
    }
    for call in calls.values():
        with pytest.raises(NotPermitted, match="not_authorised"):
            call()
    expected = [{"report": "core.files", "find_by": "x", "run": "no.run"}.get(name, name) for name in calls]
    assert state(desk, "gate-log", Notes).notes == expected


def test_one_line_of_a_batch_that_its_teller_may_not_tell_is_refused_alone(desk: Desk) -> None:
    lines = [
        Telling(
            subject="C-1",
            command=TakePaper(number=actor),
            actor=actor,
            source=Source("desk", actor),
            occurred_at=moment("2025-05-31"),
            batch="desk-1",
        )
        for actor in ("clerk", "stranger")
    ]
    assert [v.status for v in desk.ledger.take_in(lines)] == ["accepted", "refused"]


def test_where_access_rules_are_in_force_a_call_in_nobodys_name_is_refused(desk: Desk) -> None:
    with pytest.raises(Incomplete, match="actor_missing"):
        desk.ledger.history("C-1")
    with pytest.raises(Incomplete, match="actor_missing"):
        desk.ledger.due_items()


def test_where_none_are_in_force_nothing_is_asked(desk: Desk, guard: Guard) -> None:
    guard.on = False
    desk.ledger.history("C-1")
    desk.ledger.as_actor("stranger").history("C-1")
    desk.tell(Note(what="x"), who="gate-x", actor="stranger")
    assert guard.asked == []


def test_the_cores_own_rules_ask_nothing_until_they_are_published() -> None:
    with Desk(plugins=[]) as desk:
        desk.open()
        desk.ledger.history("C-1")
        desk.ledger.publish(
            AccessRules(enforced=True), effective_from=moment("2025-06-10"), by="a", approved_by="b"
        )
        desk.ledger.history("C-1")
        desk.on("2025-06-10")
        with pytest.raises(Incomplete, match="actor_missing"):
            desk.ledger.history("C-1")


def test_a_call_that_was_let_in_is_not_asked_again_for_what_it_calls(desk: Desk, guard: Guard) -> None:
    guard.asked.clear()
    desk.ledger.as_actor("li").due_items(customer="C-1")
    assert [a.operation for a in guard.asked] == ["due_items"]


# ------------------------------------------------------------ views


def test_a_view_writes_in_its_actors_name(desk: Desk) -> None:
    view = desk.ledger.as_actor("li", on_behalf_of="wang", section="1", channel="call")
    entry = view.execute("C-1", TakePaper(number="P-1")).entries[-1]
    assert (entry.actor, entry.on_behalf_of, entry.section, entry.channel) == ("li", "wang", "1", "call")
    view.correct(entry.id, {"number": "P-2"}, reason="slip")
    view.void(view.execute("C-1", TakePaper(number="P-3")).entries[-1].id, reason="slip")
    with let_in():
        assert {r.entry.actor for r in desk.ledger.search() if r.entry.recorded_at > ""} == {"clerk", "li"}


def test_a_view_acts_in_nobody_elses_name(desk: Desk) -> None:
    view = desk.ledger.as_actor("li")
    assert isinstance(view, Acting)
    for call in (
        lambda: view.execute("C-1", TakePaper(number="P-1"), actor="wang"),
        lambda: view.as_actor("wang"),
    ):
        with pytest.raises(NotPermitted, match="not_authorised"):
            call()


def test_closing_a_view_leaves_the_ledger_open(desk: Desk, guard: Guard) -> None:
    guard.on = False
    desk.ledger.as_actor("li").close()
    desk.ledger.history("C-1")


def test_a_view_follows_the_clock_of_its_ledger(desk: Desk) -> None:
    view = desk.ledger.as_actor("li")
    desk.on("2025-07-01")
    assert view.execute("C-1", TakePaper(number="P-1")).entries[-1].occurred_at[:10] == "2025-07-01"


def test_a_view_needs_a_name(desk: Desk) -> None:
    with pytest.raises((Incomplete, Invalid)):
        desk.ledger.as_actor(" ").history("C-1")


# ------------------------------------------------------------ what a view does not hand out


BEHIND: dict[str, Callable[[Ledger], object]] = {
    "store": lambda view: view.store.entries("C-1"),
    "reporting": lambda view: view.reporting.projector,
    "runs": lambda view: view.runs.views(),
    "backend": lambda view: view.backend.store,
    "recorder": lambda view: view.recorder.select_events("C-1"),
    "events": lambda view: list(view.events.get("C-1")),
    "repository": lambda view: view.repository.get("C-1"),
    "notification_log": lambda view: view.notification_log.select(start=1, limit=1),
    "source": lambda view: view.source(),
    "linked": lambda view: view.linked("C-1", []),
    "follow": lambda view: view.follow(),
}


@pytest.mark.rule("CORE-67")
@pytest.mark.parametrize("part", BEHIND)
def test_a_view_hands_out_nothing_that_is_read_unasked_and_names_the_call_that_asks(
    desk: Desk, part: str
) -> None:
    view = desk.ledger.as_actor("li")
    with pytest.raises(NotPermitted, match="not_authorised") as refused:
        BEHIND[part](view)
    assert part in str(refused.value)
    assert any(
        call in str(refused.value.accepts) for call in ("history", "report", "run ", "subscribe", "follow")
    )


def test_a_view_still_says_which_reports_and_runs_there_are_and_whose_log_it_is(desk: Desk) -> None:
    view = desk.ledger.as_actor("li")
    assert "core.files" in view.reporting.reports
    assert view.reporting.find("core.files").name == "core.files"
    assert view.runs.runs == desk.ledger.runs.runs
    assert view.store.tenant == desk.ledger.store.tenant


def test_a_view_s_own_calls_read_what_they_were_let_in_to(desk: Desk) -> None:
    view = desk.ledger.as_actor("li")
    view.execute("C-1", TakePaper(number="P-1"))
    assert [line.name for line in view.history("C-1").lines()][-1] == "gate.paper_taken"
    assert view.history("C-1").as_known(moment("2025-01-01")).lines() == []
    assert view.relationship(desk.stream()).states
    assert view.report("core.files").rows
    assert {r.entry.name for r in view.search(name="gate.paper_taken")} == {"gate.paper_taken"}
    assert view.whole_view("C-1").account == "C-1"
    assert view.check_determinism(["C-1"]).same
    assert view.rederive(subjects=["C-1"]).same
    with view.subscribe(after=0) as events:
        assert next(iter(events)).entry.position > 0


def test_where_no_rules_are_in_force_a_view_holds_what_its_ledger_holds(desk: Desk, guard: Guard) -> None:
    guard.on = False
    view = desk.ledger.as_actor("li")
    assert view.store is desk.ledger.store
    assert view.reporting is desk.ledger.reporting
    assert view.store.heads([desk.stream()])


def test_a_view_that_acts_for_one_person_acts_for_no_other(desk: Desk) -> None:
    view = desk.ledger.as_actor("bot", on_behalf_of="ann", section="1")
    for call in (
        lambda: view.as_actor("bot", on_behalf_of="wang"),
        lambda: view.execute("C-1", TakePaper(number="P-1"), on_behalf_of="wang"),
    ):
        with pytest.raises(NotPermitted, match="not_authorised"):
            call()
    called = view.as_actor("bot", channel="call").acting
    assert called is not None
    assert (called.on_behalf_of, called.section, called.channel) == ("ann", "1", "call")


# ------------------------------------------------------------ one that has a say and fails


@pytest.mark.rule("CORE-67")
@pytest.mark.parametrize("says", [False, True, "no", 0])
def test_whoever_is_asked_and_returns_anything_grants_nothing_and_is_named(
    desk: Desk, guard: Guard, monkeypatch: pytest.MonkeyPatch, says: object
) -> None:
    before = desk.count()

    def admit(ledger: Ledger, attempt: Attempt) -> object:
        return says

    monkeypatch.setattr(guard, "admit", admit)
    view = desk.ledger.as_actor("li")
    for call in (lambda: view.history("C-1"), lambda: view.execute("C-1", TakePaper(number="P-1"))):
        with pytest.raises(PluginError, match="access_undecided") as refused:
            call()
        assert "test_access" in refused.value.message
        assert "NotPermitted" in refused.value.accepts
        assert not refused.value.zh.isascii()
    assert desk.count() == before


@pytest.mark.rule("CORE-67")
def test_a_part_of_the_whole_view_is_not_shown_by_a_no_that_is_returned(
    desk: Desk, guard: Guard, monkeypatch: pytest.MonkeyPatch
) -> None:
    def admit(ledger: Ledger, attempt: Attempt) -> bool | None:
        return None if attempt.name is None else False

    monkeypatch.setattr(guard, "admit", admit)
    with pytest.raises(PluginError, match="access_undecided"):
        desk.ledger.as_actor("li").whole_view("C-1")


@pytest.mark.rule("CORE-67")
@pytest.mark.parametrize("says", [None, 0, "", ()])
def test_whoever_forgets_to_say_whether_it_is_in_force_leaves_no_door_open(
    desk: Desk, guard: Guard, monkeypatch: pytest.MonkeyPatch, says: object
) -> None:
    monkeypatch.setattr(guard, "in_force", lambda book, at: says)
    with pytest.raises(PluginError, match="access_undecided") as refused:
        desk.ledger.as_actor("stranger").history("C-1")
    assert refused.value.accepts == "True or False"


@pytest.mark.rule("CORE-67")
@pytest.mark.parametrize("method", ["in_force", "admit"])
def test_an_error_within_one_that_has_a_say_lets_nobody_in_and_names_it(
    desk: Desk, guard: Guard, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    def failing(*asked: object) -> None:
        raise KeyError("role")

    monkeypatch.setattr(guard, method, failing)
    view = desk.ledger.as_actor("li")
    for call in (lambda: view.history("C-1"), lambda: view.execute("C-1", TakePaper(number="P-1"))):
        with pytest.raises(PluginError, match="handler_failed") as refused:
            call()
        assert "failing" in refused.value.message
        assert "KeyError" in refused.value.message
        assert not refused.value.zh.isascii()
