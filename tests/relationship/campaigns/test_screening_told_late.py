"""A screening that is told after something later was entered is decided all the same; what was decided before stands."""

from __future__ import annotations

import pytest

from guanxi.relationship.campaigns.commands import ScreenCustomer
from guanxi.relationship.campaigns.events import ScreeningDecided
from guanxi.relationship.file.commands import RecordProfileFact
from tests.kernel.desks import Desk


@pytest.mark.rule("CORE-52")
def test_a_screening_told_late_is_decided_and_the_next_stage_may_follow() -> None:
    with Desk(plugins=[]).open() as desk:
        desk.tell(RecordProfileFact(field_name="hobby", value="tea"), "2025-05-31")
        outcome = desk.tell(
            ScreenCustomer(stage="preliminary", outline_version="1", judged="passed"), "2025-05-30"
        )
        assert [e.outcome for e in outcome.events if isinstance(e, ScreeningDecided)] == ["passed"]
        desk.tell(ScreenCustomer(stage="shortlist", outline_version="1", judged="passed"), "2025-05-30")
