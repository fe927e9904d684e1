"""What was entered late, corrected, voided, in breach or decided anew is counted, each entry once; so is what stands at a cut."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from guanxi import Invalid, Money, NotPermitted, OpenFile, RecordProfileFact
from guanxi.relationship import MergeFiles, UndoMerge
from guanxi.relationship.access.commands import EnrolStaff, EstablishPost, SetLevel, TakePost
from guanxi.relationship.access.rules import AccessRules
from guanxi.relationship.care.commands import GiveGift
from guanxi.relationship.dealings.commands import PlaceOrder
from guanxi.relationship.dealings.events import OrderLine
from guanxi.relationship.reports_across.history_quality import REPORT
from guanxi.relationship.reports_across.over_ledger import not_from_tables
from guanxi.relationship.service.commands import RecordNeed
from guanxi.relationship.service.rules import NeedMark, NeedRules
from tests.kernel.desks import Desk, moment
from tests.relationship.service.service_desks import publish


@pytest.fixture
def desk() -> Iterator[Desk]:
    with Desk(plugins=[], now="2025-06-01") as d:
        for who in ("C-1", "C-2"):
            d.tell(OpenFile(name=who, party="person"), who=who)
        yield d


def ordered(number: str) -> PlaceOrder:
    line = OrderLine(line="1", product="rice", quantity=Decimal(1), unit="bag", amount=Money(100, "CNY"))
    return PlaceOrder(order=number, lines=(line,))


def counted(desk: Desk, **given: Any) -> dict[tuple[Any, ...], int]:
    """Return the numbers that are not 0, by kind, channel and days."""
    rows = desk.ledger.report("core.history_quality", **given).rows
    return {(kind, channel, days): n for kind, _, channel, days, n in rows if n}


@pytest.mark.rule("CORE-02")
def test_late_entries_are_counted_by_days_and_channel(desk: Desk) -> None:
    """Known within three days is in time; the fourth day is late."""
    desk.on("2025-06-20")
    desk.tell(RecordProfileFact(field_name="region", value="north"), "2025-06-17")
    desk.tell(RecordProfileFact(field_name="post", value="clerk"), "2025-06-16", reason="found in a drawer")
    desk.tell(
        RecordProfileFact(field_name="hobby", value="chess"), "2025-06-02", reason="told", channel="phone"
    )
    assert counted(desk) == {
        ("late", "by_hand", "≤7"): 1,
        ("late", "phone", "8–30"): 1,
        ("incomplete", None, None): 2,
    }
    assert ("late", "by_hand", "≤7") not in counted(desk, as_known="2025-06-19")
    assert counted(desk, until=date(2025, 6, 19)) == {("incomplete", None, None): 2}


@pytest.mark.rule("CORE-01")
@pytest.mark.rule("CORE-13")
def test_corrections_voids_and_merges_are_entries_of_their_own_kind_however_late(desk: Desk) -> None:
    told = desk.tell(RecordProfileFact(field_name="region", value="north"))
    entry = told.entries[0].id
    desk.on("2025-06-10").ledger.correct(entry, {"value": "south"}, actor="clerk", reason="misheard")
    other = desk.tell(RecordProfileFact(field_name="post", value="clerk"))
    desk.ledger.void(other.entries[0].id, actor="clerk", reason="another's")
    desk.tell(MergeFiles(absorbed="C-2"))
    desk.on("2025-06-12").tell(UndoMerge(absorbed="C-2"))
    found = counted(desk)
    # Either file has an entry of the merge, and it is one ruling.
    assert {k[0]: n for k, n in found.items()} == {
        "corrected": 1,
        "voided": 1,
        "files_merged": 1,
        "merge_undone": 1,
        "incomplete": 2,
    }
    total = {label.en: text for label, text in desk.ledger.report("core.history_quality").notes}
    assert total["entries of these kinds"] == "4"


@pytest.mark.rule("CORE-93c")
def test_what_would_differ_counts_from_the_day_it_is_known(desk: Desk) -> None:
    publish(desk, NeedRules(marks=(NeedMark("word", "deliver", "logistics"),)), "2025-06-02")
    desk.on("2025-06-10").tell(RecordNeed(need="N-1", wording="deliver earlier", channel="call"))
    second = NeedRules(marks=(NeedMark("word", "earlier", "service"),))
    publish(desk.on("2025-06-15"), second, "2025-06-05", retroactive="new list")
    assert counted(desk)["would_differ", None, None] == 1
    assert "would_differ" not in {kind for kind, *_ in counted(desk, as_known="2025-06-14")}
    assert "would_differ" not in {kind for kind, *_ in counted(desk, judged=False)}


@pytest.mark.rule("CORE-05c")
def test_a_deed_is_without_ground_once_its_warning_has_fallen_away() -> None:
    """Four orders thirty days apart, then silence until a churn warning, on which a gift is given; then a lost order is told."""
    with Desk(plugins=[], now="2024-12-01").open(on="2024-12-01") as desk:
        for number, day in enumerate(("2024-12-13", "2025-01-12", "2025-02-11", "2025-03-13")):
            desk.on(day).tell(ordered(f"O-{number}"), day)
        desk.on("2025-05-12").ledger.advance()
        lines = desk.ledger.history("C-1").lines()
        warning = next(x.id for x in lines if x.name == "core.warning_raised")
        gift = GiveGift(gift="G-1", value=Money(50, "CNY"), given_by="wang")
        desk.tell(gift, ground=warning)
        assert "without_ground" not in {kind for kind, *_ in counted(desk)}
        desk.on("2025-05-20").tell(ordered("O-9"), "2025-05-10", reason="found in a drawer")
        found = counted(desk)
        assert found["without_ground", None, None] == 1
        assert found["late", "by_hand", "8–30"] == 1
        assert found["decision_withdrawn", None, None] >= 1
        assert "without_ground" not in {kind for kind, *_ in counted(desk, as_known="2025-05-19")}


def test_a_list_names_customer_entry_days_and_channel(desk: Desk) -> None:
    desk.on("2025-06-20").tell(
        RecordProfileFact(field_name="post", value="clerk"), "2025-06-16", reason="found in a drawer"
    )
    result = desk.ledger.report("core.history_quality", view="entries", judged=False)
    late = result.rows[0]
    assert late[:3] == ("late", "C-1", "core.profile_fact_recorded")
    assert late[3:7] == (moment("2025-06-16"), moment("2025-06-20"), 4, "by_hand")
    assert [row[1] for row in result.rows[1:]] == ["C-1", "C-2"]
    assert [row[0] for row in result.rows[1:]] == ["incomplete", "incomplete"]


def test_the_answer_is_that_of_a_report(desk: Desk) -> None:
    first, again = desk.ledger.report("core.history_quality"), desk.ledger.report("core.history_quality")
    assert first.manifest.digest == again.manifest.digest
    assert first.manifest.report == "core.history_quality"
    assert "History quality" in first.as_table("en")
    assert "不完整档案" in first.as_table("zh")
    assert "<svg" in first.as_html("zh")
    with pytest.raises(Invalid, match="unknown_field"):
        desk.ledger.report("core.history_quality", colour="red")
    with pytest.raises(Invalid, match="unknown_report"):
        not_from_tables(None, None, None)  # type: ignore[arg-type]
    assert REPORT.reads == ()


@pytest.mark.rule("CORE-67")
def test_who_may_not_have_reports_has_none_of_the_log_either(desk: Desk) -> None:
    """An auditor has it, with what every file comes to; a salesman of one section does not."""
    for name, role in (("audit", "auditor"), ("zhou", "business")):
        section = None if role == "auditor" else "east"
        desk.tell(EstablishPost(role=role, section=section), who=f"post-{name}")
        for step in (EnrolStaff(), TakePost(post=name), SetLevel(section="*", level=3)):
            desk.tell(step, who=f"staff-{name}")
    desk.ledger.publish(AccessRules(enforced=True), effective_from=desk.now, by="liu", approved_by="chen")
    desk.on("2025-06-02")
    rows = desk.ledger.as_actor("audit").report("core.history_quality").rows
    assert ("incomplete", "standing", None, None, 2) in rows
    with pytest.raises(NotPermitted):
        desk.ledger.as_actor("zhou").report("core.history_quality")
