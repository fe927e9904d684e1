"""Deriving again: what is not deterministic is named, what other rules would decide is told customer by customer, and nothing is written."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest

import guanxi
import guanxi.kernel.house
from guanxi import (
    FROM_NOW,
    REVISE,
    WOULD_DIFFER,
    Asked,
    Column,
    Content,
    Decision,
    Facet,
    Fact,
    Invalid,
    Label,
    Ledger,
    Now,
    OpenFile,
    Parts,
    Report,
    RuleSet,
    Unknown,
    event,
    key,
    parameter,
    rule_set,
)
from guanxi.kernel.entries import digest
from guanxi.kernel.rederiving import Publishing
from guanxi.kernel.reports import Hypothetical
from guanxi.kernel.rules import Supposed
from guanxi.kernel.verifying import verify
from guanxi_retail import PointsRules, SpendClassRules
from tests.kernel import test_runs
from tests.kernel.desks import Desk, moment
from tests.laws import club
from tests.laws.test_late_effects import ZONE
from tests.laws.test_late_effects import Desk as ClubDesk


@pytest.fixture
def desk() -> Iterator[ClubDesk]:
    d = ClubDesk()
    yield d
    d.ledger.close()


# ---------------------------------------------------------------- determinism


def test_a_ledger_whose_rules_are_pure_comes_out_again_as_stored(desk: ClubDesk) -> None:
    desk.on("2025-02-01").tell(club.Owe(order="a", amount=60))
    desk.on("2025-03-10").tell(club.Owe(order="late", amount=80), "2025-02-10")
    found = desk.ledger.check_determinism()
    assert found.same
    assert (found.streams, found.changes, found.opaque) == (2, (), {})
    assert found.decisions == 6


def test_a_merge_and_its_undo_come_out_again_as_stored(desk: ClubDesk) -> None:
    common: dict[str, Any] = {"actor": "clerk", "reason": "same person"}
    desk.on("2025-02-01").tell(club.Owe(order="a", amount=60))
    desk.on("2025-05-01").ledger.link("A", "B", mode="whole", link_type="merge", **common)
    desk.on("2025-05-02").tell(club.Owe(order="b", amount=60), who="B")
    desk.on("2025-06-01").tell(club.Owe(order="late", amount=200), "2025-05-05", who="B")
    desk.on("2025-07-01").ledger.unlink("A", "B", **common)
    desk.on("2025-07-02").tell(club.Owe(order="c", amount=60), who="B")
    assert desk.ledger.check_determinism().same
    assert desk.ledger.check_determinism(["B"]).streams == 2


def test_what_a_what_if_changes_in_a_linked_stream_it_changes_where_that_is_shown(desk: ClubDesk) -> None:
    desk.on("2025-02-01").tell(club.Owe(order="a", amount=10))
    desk.on("2025-03-01").ledger.link(
        "A", "B", mode="whole", link_type="merge", actor="clerk", reason="same person"
    )
    desk.on("2025-03-02").tell(club.Owe(order="b", amount=45), who="B")
    found = desk.ledger.what_if(club.Lines(warn_from=40))
    assert [(c.account, c.name, c.status) for c in found.changes] == [
        ("B", "club.warned", "only after"),
    ]


@event("odd.counted")
class Counted(Decision, late=REVISE, retroactive=REVISE):
    order: str = key()
    number: int


@attrs.define
class Odd:
    numbers: dict[str, int] = attrs.field(factory=dict)


def odd_parts(first: int = 0) -> Parts:
    """Parts with a rule that numbers what it meets from a counter outside its state."""
    facet, counter = Facet("odd.counting", Odd), [first]

    @facet.evolve
    def _keep(s: Odd, e: Counted) -> None:
        s.numbers[e.order] = e.number

    @facet.react("ODD-1")
    def _count(s: Odd, e: club.Owed, now: Now) -> Iterator[Decision]:
        counter[0] += 1
        yield Counted(order=e.order, number=counter[0])

    return Parts("odd", "1", Label("Odd", "怪"), events=(Counted,), facets=(facet,))


def test_a_rule_that_reads_a_counter_is_found_with_entry_customer_and_cause() -> None:
    ledger = guanxi.open("sqlite://", plugins=[club.parts, odd_parts()])
    try:
        at = datetime(2025, 1, 1, 9, tzinfo=ZONE)
        ledger.clock = lambda: at
        ledger.execute("A", OpenFile(), actor="clerk")
        outcome = ledger.execute("A", club.Owe(order="x", amount=10), actor="clerk")
        ledger.execute("A", club.Owe(order="y", amount=10), actor="clerk")
        found = ledger.check_determinism()
        assert not found.same
        assert {c.name for c in found.changes} == {"odd.counted"}
        first = next(c for c in found.changes if c.key == {"order": "x"})
        assert (first.account, first.status, first.rule) == ("A", "differs", "ODD-1")
        assert first.before == {"order": "x", "number": 1}
        assert first.after is not None
        assert first.after["number"] > 2
        assert first.entry == next(e.id for e in outcome.entries if e.name == "odd.counted")
        assert (first.plugin, first.plugin_version) == ("odd", "1")
        assert first.entries == (outcome.entries[0].id,)
        assert first.causes[0].code == "undetermined"
    finally:
        ledger.close()


def test_entries_of_an_absent_plugin_are_counted_and_never_a_difference(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'l.db'}"
    with Desk(url) as desk:
        desk.open("C-1", "C-2")
        desk.buy("A")
    with Desk(url, plugins=[]) as desk:
        found = desk.ledger.check_determinism()
        assert found.same
        assert found.opaque["retail.purchase_recorded"] == 1


def test_a_decision_that_names_another_version_of_its_rules_is_found_though_its_hash_fits(
    tmp_path: Path,
) -> None:
    url, path = shop(tmp_path)
    with Desk(url) as desk:
        stream = desk.stream("C-1")
        entries = desk.ledger.store.entries(stream)
    with closing(sqlite3.connect(path)) as database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {name}")
        previous, target = "", None
        for e in entries:
            if e.name == "retail.points_earned":
                target = e = e._replace(rule_sets='{"retail.points":7}')
            if target is not None:
                e = e._replace(previous_hash=previous)
                e = e._replace(hash=digest(e))
                database.execute(
                    "UPDATE guanxi_entries SET rule_sets = ?, previous_hash = ?, hash = ? WHERE position = ?",
                    (e.rule_sets, e.previous_hash, e.hash, e.position),
                )
            previous = e.hash
        database.execute("UPDATE guanxi_heads SET hash = ? WHERE stream = ?", (previous, stream))
        database.commit()
    with Desk(url) as desk:
        assert verify(desk.ledger.store).clean
        found = desk.ledger.check_determinism()
        assert target is not None
        change = next(c for c in found.changes if c.entry == target.id)
        assert [(c.code, c.facts["before"], c.facts["after"]) for c in change.causes] == [
            ("rule_version", 7, 0)
        ]


def test_a_closed_run_that_does_not_come_out_again_at_its_own_cuts_is_named_with_its_members() -> None:
    with test_runs.ten_customers() as desk:
        done = desk.ledger.run("rank.classes", actor="chief")
        found = desk.ledger.check_determinism()
        assert (found.same, found.runs_judged, found.runs) == (True, 1, ())
        test_runs.Faults.missing = Decimal(1)
        try:
            found = desk.ledger.check_determinism()
        finally:
            test_runs.Faults.missing = Decimal(0)
        assert not found.same
        assert [(r.id, r.run, len(r.lines)) for r in found.runs] == [(done.id, "rank.classes", 1)]


# ---------------------------------------------------------------- what if


def shop(tmp_path: Path) -> tuple[str, Path]:
    """Make a small shop in a file and return its URL and path."""
    path = tmp_path / "shop.db"
    url = f"sqlite:///{path}"
    with Desk(url) as desk:
        desk.open("C-1", "C-2", "C-3")
        desk.buy("A", 900)
        desk.buy("B", 1_500, who="C-2")
        desk.buy("C", 6_000, who="C-3")
        desk.ledger.advance()
        desk.ledger.reporting.project()
    return url, path


def test_other_rules_change_the_decisions_that_name_them_and_say_which_parameter_and_which_fact(
    tmp_path: Path,
) -> None:
    url, path = shop(tmp_path)
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    with Desk(url) as desk:
        found = desk.ledger.what_if(PointsRules(rate=Decimal(2)), subjects=["C-2"])
        assert [c.account for c in found.changes] == ["C-2"] * len(found.changes)
        earned = next(c for c in found.changes if c.name == "retail.points_earned")
        assert earned.status == "differs"
        assert earned.before is not None
        assert earned.after is not None
        assert earned.after["points"] == 2 * earned.before["points"]
        assert earned.causes[0].code == "rule_set"
        assert earned.causes[0].facts["parameters"]["rate"] == ("1", "2")
        assert "rate 1 → 2" in earned.causes[0].label.en
        stream = desk.ledger.find("C-2")
        purchase = next(
            e.id for e in desk.ledger.store.entries(stream or "") if e.name == "retail.purchase_recorded"
        )
        assert earned.entries == (purchase,)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before


def test_rules_supposed_from_a_day_on_leave_what_was_before(tmp_path: Path) -> None:
    with Desk(f"sqlite:///{tmp_path / 'l.db'}") as desk:
        desk.open("C-1")
        desk.buy("A", 100)
        since = desk.now
        desk.on("2025-06-20").buy("B", 100)
        desk.on("2025-06-21")
        found = desk.ledger.what_if(
            PointsRules(rate=Decimal(3)), effective_from=since.replace(month=6, day=10)
        )
        earned = [c for c in found.changes if c.name == "retail.points_earned"]
        assert [c.key["lot"] for c in earned] == ["B"]


def test_a_report_under_other_rules_is_compared_row_by_row_and_marked_hypothetical(tmp_path: Path) -> None:
    url, path = shop(tmp_path)
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    with Desk(url) as desk:
        found = desk.ledger.what_if(SpendClassRules(ordinary=Decimal(800)), report="retail.spend_classes")
        report = found.report
        assert report is not None
        assert report.rows
        assert found.changes == ()
        assert not found.same
        assert report.key == (report.before.columns[0].name,)
        assert report.manifests is not None
        assert not isinstance(report.manifests[0], Hypothetical)
        assert isinstance(report.manifests[1], Hypothetical)
        assert report.before.digest != report.after.digest
        for row in report.rows:
            assert row.cells
            assert all(a != b for a, b in row.cells.values())
        alone = desk.ledger.what_if(SpendClassRules(), report="retail.spend_classes")
        assert alone.same
        assert alone.report is not None
        assert alone.report.before.digest == alone.report.after.digest
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before


def test_a_rule_set_or_report_or_customer_that_is_not_there_is_refused(desk: ClubDesk) -> None:
    with pytest.raises(Unknown, match="unknown_rule_set"):
        desk.ledger.what_if(PointsRules())
    with pytest.raises(Unknown, match="unknown_report"):
        desk.ledger.what_if(club.Lines(), report="retail.nothing")
    with pytest.raises(Unknown, match="unknown_relationship"):
        desk.ledger.check_determinism(["nobody"])


def test_a_parameter_supposed_leaves_each_version_its_other_values(tmp_path: Path) -> None:
    with Desk(f"sqlite:///{tmp_path / 'l.db'}", now="2025-01-02") as desk:
        desk.open("C-1", on="2025-01-01").buy("A", 100)
        desk.ledger.publish(
            PointsRules(rate=Decimal(5)),
            effective_from=moment("2025-03-01"),
            by="manager",
            approved_by="director",
            reason="change 1",
        )
        desk.on("2025-04-01").buy("B", 100)
        desk.on("2025-04-02")
        found = desk.ledger.what_if(Supposed(PointsRules, {"months": 6}))
        earned = {c.key["lot"]: c for c in found.changes if c.name == "retail.points_earned"}
        assert {k: c.after["points"] for k, c in earned.items() if c.after} == {"A": 100, "B": 500}
        assert {name for c in earned.values() for name in c.causes[0].facts["parameters"]} == {"months"}
        later = desk.ledger.what_if(Supposed(PointsRules, {"months": 6}), effective_from=moment("2025-02-01"))
        assert {c.key["lot"] for c in later.changes if c.name == "retail.points_earned"} == {"B"}


def test_a_parameter_out_of_bounds_is_refused_though_it_is_only_supposed(tmp_path: Path) -> None:
    with Desk(f"sqlite:///{tmp_path / 'l.db'}") as desk, pytest.raises(Invalid, match="out_of_scale"):
        desk.ledger.what_if(Supposed(PointsRules, {"rate": -1}))


def test_a_report_that_refuses_is_told_with_its_reason_and_is_a_difference_on_one_side_alone() -> None:
    def build(_reader: Any, _given: Any, asked: Asked) -> Content:
        if asked.rules(club.Lines).warn_from < 50:
            raise Invalid("no_fit", "too few", zh="太少")
        return Content([(1,)])

    picky = Report(
        "club.picky", Label("Picky", "挑剔"), (), (Column("n", Label("n", "数"), "integer"),), build
    )
    ledger = guanxi.open("sqlite://", plugins=[attrs.evolve(club.parts, reports=(picky,))])
    try:
        found = ledger.what_if(club.Lines(warn_from=40), report="club.picky")
        assert found.report is not None
        assert (found.report.report, found.report.same, found.same) == ("club.picky", False, False)
        assert [r and (r.code, r.zh) for r in found.report.refusals] == [None, ("no_fit", "太少")]
        ledger.publish(
            club.Lines(warn_from=30),
            effective_from=datetime(2020, 1, 1, tzinfo=ZONE),
            retroactive="a mistake",
            by="manager",
            approved_by="director",
            reason="change 1",
        )
        both = ledger.what_if(club.Lines(warn_from=40), report="club.picky")
        assert both.report is not None
        assert (both.report.same, both.same) == (True, True)
        assert [r and r.code for r in both.report.refusals] == ["no_fit", "no_fit"]
        assert ledger.rederive(reports=["club.picky"]).same
    finally:
        ledger.close()


# ---------------------------------------------------------------- positions


def test_a_report_at_a_position_is_drawn_under_the_rules_and_in_the_time_known_there(tmp_path: Path) -> None:
    with Desk(f"sqlite:///{tmp_path / 'l.db'}", now="2025-01-02") as desk:
        desk.open("C-1", on="2025-01-01").buy("A", 900)
        last = desk.ledger.store.last_position()
        then = desk.ledger.report("retail.spend_classes", as_known=last)
        expiring = desk.ledger.history("C-1").as_of("2027-01-01").as_known(last).values()
        stands = desk.now
        desk.on("2026-06-01")
        desk.ledger.publish(
            SpendClassRules(ordinary=Decimal(100)),
            effective_from=moment("2024-01-01"),
            retroactive="a mistake",
            by="manager",
            approved_by="director",
            reason="change 1",
        )
        again = desk.ledger.report("retail.spend_classes", as_known=last, as_of=then.manifest.as_of)
        assert again.notes == then.notes
        assert again.manifest.digest == then.manifest.digest
        assert again.manifest.position == then.manifest.position == last
        assert datetime.fromisoformat(again.manifest.as_known) == stands
        named = desk.ledger.report(
            "retail.spend_classes", as_known=again.manifest.as_known, as_of=then.manifest.as_of
        )
        assert (named.manifest.digest, named.manifest.position) == (again.manifest.digest, last)
        file = desk.ledger.history("C-1").as_of("2027-01-01")
        assert file.as_known(last).values() == file.as_known(stands).values() == expiring
        assert file.as_known(last).values()["retail.points.active"] == 900
        assert file.as_known(desk.now).values()["retail.points.active"] == 0


# ---------------------------------------------------------------- facet versions


@event("dial.read")
class Read(Fact):
    order: str


@event("dial.shown")
class Shown(Decision, late=REVISE, retroactive=REVISE):
    order: str = key()
    by: int


@event("dial.listed")
class Listed(Decision, late=WOULD_DIFFER, retroactive=WOULD_DIFFER):
    order: str = key()
    by: int


@event("dial.held")
class Held(Decision, late=FROM_NOW, retroactive=FROM_NOW):
    order: str = key()
    by: int


@attrs.define
class Dial:
    shown: dict[str, int] = attrs.field(factory=dict)
    listed: dict[str, int] = attrs.field(factory=dict)
    held: dict[str, int] = attrs.field(factory=dict)


def dial(by: int, version: int) -> Parts:
    """Parts whose rule draws ``by``, in a version of its facet."""
    facet = Facet("dial.rule", Dial, version=version)

    @facet.evolve
    def _keep(s: Dial, e: Shown | Listed | Held) -> None:
        match e:
            case Shown():
                s.shown[e.order] = e.by
            case Listed():
                s.listed[e.order] = e.by
            case Held():
                s.held[e.order] = e.by

    @facet.ended
    def _over(s: Dial, e: Held) -> None:
        s.held.pop(e.order, None)

    @facet.react("DIAL-1")
    def _draw(s: Dial, e: club.Owed, now: Now) -> Iterator[Decision]:
        yield Shown(order=e.order, by=by)
        yield Listed(order=e.order, by=by)
        yield Held(order=e.order, by=by)

    return Parts(
        "dial", str(version), Label("Dial", "表盘"), events=(Read, Shown, Listed, Held), facets=(facet,)
    )


def opened(url: str, parts: Parts, day: str) -> Ledger:
    ledger = guanxi.open(url, plugins=[club.parts, parts])
    at = datetime.fromisoformat(day + "T09:00").replace(tzinfo=ZONE)
    ledger.clock = lambda: at
    return ledger


def told(url: str) -> None:
    ledger = opened(url, dial(1, 1), "2025-06-01")
    ledger.execute("A", OpenFile(), actor="clerk")
    ledger.execute("A", club.Owe(order="x", amount=10), actor="clerk")
    ledger.close()


def test_a_facet_of_version_one_judges_under_the_name_it_always_had() -> None:
    plain = Facet("dial.rule", Dial)
    digests = {
        p.version: guanxi.kernel.house.House(p.facets).room("customer").digest
        for p in (dial(1, 1), dial(1, 2))
    }
    assert guanxi.kernel.house.House([plain]).room("customer").digest == digests["1"]
    assert digests["1"] == hashlib.sha256(b"dial.rule").hexdigest()[:12]
    assert digests["2"] != digests["1"]


def test_a_raised_facet_version_judges_again_by_declared_late_effect_and_the_past_stays(
    tmp_path: Path,
) -> None:
    url = f"sqlite:///{tmp_path / 'l.db'}"
    told(url)
    ledger = opened(url, dial(2, 2), "2025-06-10")
    try:
        now: Dial = ledger.history("A").state(Dial)
        assert (now.shown, now.listed, now.held) == ({"x": 2}, {"x": 1}, {"x": 2})
        written = ledger.advance()
        assert written > 0
        state: Dial = ledger.history("A").state(Dial)
        assert (state.shown, state.listed, state.held) == ({"x": 2}, {"x": 1}, {"x": 2})
        past: Dial = ledger.history("A").as_known("2025-06-05").state(Dial)
        assert (past.shown, past.listed, past.held) == ({"x": 1}, {"x": 1}, {"x": 1})
        assert ledger.advance() == 0
    finally:
        ledger.close()


def test_changed_code_without_a_raised_version_is_told_by_rederive_with_the_stored_entry(
    tmp_path: Path,
) -> None:
    url = f"sqlite:///{tmp_path / 'l.db'}"
    told(url)
    ledger = opened(url, attrs.evolve(dial(2, 1), version="1"), "2025-06-10")
    try:
        assert ledger.advance() == 0
        found = ledger.rederive()
        assert {(c.name, c.status, c.found_by) for c in found.changes} == {
            ("dial.shown", "differs", "replay"),
            ("dial.listed", "differs", "replay"),
            ("dial.held", "differs", "replay"),
        }
        assert all(c.entry is not None and c.rule == "DIAL-1" for c in found.changes)
    finally:
        ledger.close()


@rule_set("dial.turn")
class Turn(RuleSet):
    by: int = parameter(default=1)


def turned() -> Parts:
    """Parts whose rule draws what a rule set says."""
    facet = Facet("dial.rule", Dial)

    @facet.evolve
    def _keep(s: Dial, e: Shown | Listed) -> None:
        (s.shown if isinstance(e, Shown) else s.listed)[e.order] = e.by

    @facet.react("DIAL-1")
    def _draw(s: Dial, e: club.Owed, now: Now) -> Iterator[Decision]:
        yield Shown(order=e.order, by=now.rules(Turn).by)
        yield Listed(order=e.order, by=now.rules(Turn).by)

    return Parts(
        "dial", "1", Label("Dial", "表盘"), events=(Shown, Listed), facets=(facet,), rule_sets=(Turn,)
    )


def test_rules_published_now_change_only_what_declares_that_they_do(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'l.db'}"
    ledger = guanxi.open(url, plugins=[club.parts, turned()])
    try:
        at = datetime(2025, 1, 1, 9, tzinfo=ZONE)
        ledger.clock = lambda: at
        ledger.execute("A", OpenFile(), actor="clerk")
        ledger.execute("A", club.Owe(order="x", amount=60), actor="clerk")
        found = ledger.what_if(Turn(by=7))
        assert {(c.name, c.status) for c in found.changes} == {
            ("dial.shown", "differs"),
            ("dial.listed", "differs"),
        }
        assert found.publishing == Publishing(changed=1, kept=1)
        past = ledger.what_if(Turn(by=7), as_known=ledger.store.last_position())
        assert past.publishing is None
    finally:
        ledger.close()
