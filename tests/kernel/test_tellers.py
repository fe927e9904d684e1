"""Many tellings in one call: each is judged as its own teller's, and one that breaks a rule is refused alone."""

from __future__ import annotations

from guanxi import Telling, Verdict
from guanxi.relationship.file.commands import LinkParty, RecordProfileFact
from guanxi.relationship.pipeline.commands import FileCustomerPlan, ReviewCustomerPlan
from tests.kernel.desks import CUSTOMER, Desk, moment


def _told(author: str, reviewer: str) -> list[Verdict]:
    plan = FileCustomerPlan(plan="P-1", goal="reach", owner="seller")
    lines = ((author, plan, "2025-05-30"), (reviewer, ReviewCustomerPlan(plan="P-1"), "2025-05-31"))
    with Desk(plugins=[]).open() as desk:
        return desk.ledger.take_in(
            [
                Telling(
                    subject=CUSTOMER,
                    command=command,
                    actor=actor,
                    occurred_at=moment(day),
                    command_id=day,
                    batch="many",
                )
                for actor, command, day in lines
            ]
        )


def test_a_review_by_another_than_the_first_lines_teller_is_taken_in() -> None:
    assert [v.status for v in _told("seller", "head")] == ["accepted", "accepted"]


def test_a_review_by_the_author_himself_is_refused() -> None:
    first, second = _told("seller", "seller")
    assert first.status == "accepted"
    assert second.refusal is not None
    assert second.refusal.code == "approver_conflict"


def test_a_line_that_breaks_a_guard_is_refused_alone() -> None:
    lines = (
        LinkParty(other="H-1", link_type="household"),
        LinkParty(other="H-2", link_type="household"),
        RecordProfileFact(field_name="hobby", value="tea"),
    )
    with Desk(plugins=[]).open().open("H-1", "H-2", party="household") as desk:
        verdicts = desk.ledger.take_in(
            [
                Telling(
                    subject=CUSTOMER,
                    command=command,
                    actor="clerk",
                    occurred_at=moment(f"2025-05-{29 + n}"),
                    command_id=str(n),
                    batch="many",
                )
                for n, command in enumerate(lines)
            ]
        )
    assert [v.status for v in verdicts] == ["accepted", "refused", "accepted"]
    assert verdicts[1].refusal is not None
    assert verdicts[1].refusal.code == "already_member"
