"""A customer's view at two cuts: what was added, changed, stays and is gone, and that this is all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from guanxi import OpenFile, RecordProfileFact, Unknown
from guanxi.relationship.reports_across.customer_timeline import customer_timeline
from tests.kernel.desks import Desk


@pytest.fixture
def desk() -> Iterator[Desk]:
    with Desk(plugins=[], now="2025-06-01") as d:
        d.tell(OpenFile(name="李明", party="person"))
        d.tell(RecordProfileFact(field_name="region", value="north"))
        d.tell(RecordProfileFact(field_name="hobby", value="chess"))
        d.on("2025-06-10").tell(RecordProfileFact(field_name="region", value="south"))
        d.tell(RecordProfileFact(field_name="post", value="clerk"))
        yield d


def told(desk: Desk, **given: Any) -> dict[str, tuple[Any, ...]]:
    """Return change and cells by item."""
    result = customer_timeline(desk.ledger, "C-1", **given)
    return {row[1]: (row[2], *row[4:]) for row in result.rows}


def sums(desk: Desk, **given: Any) -> dict[str, int]:
    return {label.en: int(n) for label, n in customer_timeline(desk.ledger, "C-1", **given).notes}


@pytest.mark.rule("CORE-77")
def test_rows_are_added_changed_or_unchanged_and_that_is_all(desk: Desk) -> None:
    found = told(desk, first_as_of="2025-06-09")
    assert found["region"] == ("changed", "value", "north", "south")
    assert found["post"] == ("added", "value", None, "clerk")
    assert found["hobby"] == ("unchanged", None, None, None)
    many = sums(desk, first_as_of="2025-06-09")
    view = desk.ledger.whole_view("C-1")
    assert many["all at the cut"] == sum(len(s.rows) for s in view.sections)
    assert many["added"] + many["changed"] + many["unchanged"] == many["all at the cut"]
    assert (many["added"], many["changed"], many["gone"]) == (1, 1, 0)


@pytest.mark.rule("CORE-77")
def test_two_cuts_of_knowledge_differ_where_something_was_learned_between(desk: Desk) -> None:
    desk.on("2025-06-20").tell(
        RecordProfileFact(field_name="hobby", value="go"), "2025-06-05", reason="told late"
    )
    learned = told(desk, first_as_known="2025-06-19", only_differences=True)
    assert learned == {"hobby": ("changed", "value", "chess", "go")}
    assert told(desk, as_known="2025-06-19", first_as_known="2025-06-15", only_differences=True) == {}


@pytest.mark.rule("CORE-77")
def test_what_only_the_first_cut_shows_is_gone(desk: Desk) -> None:
    entry = next(
        x.id for x in desk.ledger.history("C-1").lines() if x.fields and x.fields.get("value") == "clerk"
    )
    desk.on("2025-06-20").ledger.void(entry, actor="clerk", reason="another's")
    found = told(desk, first_as_known="2025-06-19", only_differences=True)
    assert found == {"post": ("gone", "value", "clerk", None)}
    many = sums(desk, first_as_known="2025-06-19")
    assert many["gone"] == 1
    assert many["added"] + many["changed"] + many["unchanged"] == many["all at the cut"]


def test_the_answer_is_a_report_with_moments_in_lanes(desk: Desk) -> None:
    result = customer_timeline(desk.ledger, "C-1", first_as_of="2025-06-09")
    assert result.drawing is not None
    assert result.drawing.picture is not None
    assert result.drawing.picture.kind == "timeline"
    assert result.drawing.rows
    assert "Customer timeline" in result.as_table("en")
    chinese = result.as_table("zh")
    assert all(word in chinese for word in ("客户全景", "新增", "变更", "未变"))
    assert "<svg" in result.as_html("zh")
    again = customer_timeline(desk.ledger, "C-1", first_as_of="2025-06-09")
    assert result.manifest.digest == again.manifest.digest


def test_nobody_has_the_timeline_of_a_file_that_is_not_there(desk: Desk) -> None:
    with pytest.raises(Unknown):
        customer_timeline(desk.ledger, "C-9")
