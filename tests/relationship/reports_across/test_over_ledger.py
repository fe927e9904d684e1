"""Reports over a ledger answer as reports do: with a manifest, at a cut, and not at all where they do not add up."""

from __future__ import annotations

from collections.abc import Iterator

import attrs
import pytest

from guanxi import Asked, Content, Invalid, Ledger
from guanxi.kernel.timeline import Cut
from guanxi.relationship.reports_across.history_quality import REPORT
from guanxi.relationship.reports_across.over_ledger import answered
from tests.kernel.desks import Desk


@pytest.fixture
def desk() -> Iterator[Desk]:
    with Desk(plugins=[], now="2025-06-01").open(on="2025-05-30") as d:
        yield d


def one_row(ledger: Ledger, parameters: object, asked: Asked, at: Cut) -> Content:
    return Content([("late", "entered", None, None, 1)])


def test_an_answer_names_its_cut_and_place_in_the_log(desk: Desk) -> None:
    plain = desk.ledger.report("core.files", as_of="2025-05-31", as_known=1).manifest
    made = answered(desk.ledger, REPORT, one_row, as_of="2025-05-31", as_known=1, given={}).manifest
    assert (made.as_of, made.as_known, made.position) == (plain.as_of, plain.as_known, plain.position)
    assert (made.report, made.rows, made.parameters["view"]) == ("core.history_quality", 1, "sums")


def test_what_does_not_add_up_is_no_answer(desk: Desk) -> None:
    def unequal(ledger: Ledger, parameters: object, asked: Asked, at: Cut) -> Content:
        return Content([], trouble=["Σ kinds is not the number of entries of those kinds"])

    with pytest.raises(Invalid, match="does_not_foot"):
        answered(desk.ledger, REPORT, unequal, given={})
    footed = attrs.evolve(REPORT, foots=lambda rows: [f"{len(rows)} rows"])
    with pytest.raises(Invalid, match=r"does_not_foot: core\.history_quality: 1 rows"):
        answered(desk.ledger, footed, one_row, given={})
