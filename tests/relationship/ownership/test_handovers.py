"""Hand-overs: both sign, the giver answers until then, and what is open goes along with its due dates."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from guanxi import Conflict, Incomplete, NotPermitted, RuleNotMet, Unknown
from guanxi.relationship.ownership.cadences import handover_acceptance
from guanxi.relationship.ownership.commands import AcceptHandover, AssignMaintainer, ProposeHandover
from guanxi.relationship.ownership.maintainers import Ownership
from tests.kernel.desks import moment
from tests.relationship.ownership.telling import FactDesk

SIGNED = {"giver_signature": "A", "receiver_signature": "B"}


@pytest.fixture
def desk() -> Iterator[FactDesk]:
    with FactDesk(now="2025-06-02") as d:
        d.open("C-1", on="2024-01-01").tell(AssignMaintainer(person="A"))
        yield d


def propose(desk: FactDesk, on: str = "2025-06-06", number: str = "H-1", receiver: str = "B") -> None:
    desk.on(on).tell(ProposeHandover(handover=number, receiver=receiver))


@pytest.mark.rule("CORE-20a")
def test_until_a_hand_over_is_accepted_the_giver_answers(desk: FactDesk) -> None:
    propose(desk)
    assert desk.on("2025-06-20").state(Ownership).maintainer == "A"


@pytest.mark.rule("CORE-20a")
def test_a_hand_over_is_to_be_accepted_within_three_working_days(desk: FactDesk) -> None:
    propose(desk)
    item = desk.due(handover_acceptance, "2025-06-11")["H-1"]
    assert item.until == moment("2025-06-12T00:00")
    assert (item.person, item.state(moment("2025-06-11T23:59:59"))) == ("B", "open")
    assert item.state(moment("2025-06-12T00:00")) == "overdue"


@pytest.mark.rule("CORE-20")
@pytest.mark.parametrize(("on", "state"), [("2025-06-10", "done"), ("2025-06-13", "late")])
def test_an_acceptance_is_in_time_or_late(desk: FactDesk, on: str, state: str) -> None:
    propose(desk)
    desk.on(on).tell(AcceptHandover(handover="H-1", **SIGNED))
    assert desk.due(handover_acceptance, "2025-06-13")["H-1"].state(moment("2025-06-13T23:59")) == state


@pytest.mark.rule("CORE-20")
def test_a_proposal_is_not_done_once_another_hand_over_took_its_place(desk: FactDesk) -> None:
    propose(desk)
    propose(desk, "2025-06-09", "H-2", "C")
    desk.tell(AcceptHandover(handover="H-2", **SIGNED))
    states = {
        n: i.state(moment("2025-06-20")) for n, i in desk.due(handover_acceptance, "2025-06-20").items()
    }
    assert states == {"H-1": "not_done", "H-2": "done"}


@pytest.mark.rule("CORE-20")
@pytest.mark.parametrize("missing", ["giver_signature", "receiver_signature"])
def test_both_sign(missing: str) -> None:
    with pytest.raises(Incomplete, match="signature_missing"):
        AcceptHandover(handover="H-1", **{**SIGNED, missing: ""})


@pytest.mark.rule("CORE-20")
def test_for_a_giver_who_is_gone_his_supervisor_signs(desk: FactDesk) -> None:
    propose(desk)
    with pytest.raises(NotPermitted, match="approver_conflict"):
        desk.tell(AcceptHandover(handover="H-1", **SIGNED, signed_for_giver="B"))
    desk.tell(AcceptHandover(handover="H-1", **SIGNED, signed_for_giver="supervisor"))
    assert desk.state(Ownership).maintainer == "B"


@pytest.mark.rule("CORE-20")
def test_what_cannot_be_handed_over_is_refused(desk: FactDesk) -> None:
    with pytest.raises(Conflict, match="already_maintained"):
        propose(desk, receiver="A")
    with pytest.raises(Unknown, match="unknown_handover"):
        desk.tell(AcceptHandover(handover="H-9", **SIGNED))
    propose(desk)
    with pytest.raises(Conflict, match="identifier_taken"):
        propose(desk)
    propose(desk, number="H-2", receiver="C")
    desk.tell(AcceptHandover(handover="H-2", **SIGNED))
    with pytest.raises(Conflict, match="already_maintained"):
        desk.tell(AcceptHandover(handover="H-1", **SIGNED))
    desk.open("C-2")
    with pytest.raises(RuleNotMet, match="not_maintained"):
        desk.tell(ProposeHandover(handover="H-3", receiver="B"), who="C-2")
