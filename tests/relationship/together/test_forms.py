"""A form runs through its flow under the definition it began with; what is returned comes back as the next version."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from guanxi import Conflict, Incomplete, Invalid, NotPermitted, RuleNotMet, Unknown
from guanxi.relationship.together.commands import DefineForm, TakeFormStep, WithdrawForm
from guanxi.relationship.together.events import FlowStep, FormField
from guanxi.relationship.together.forms import Forms, Submission, form_stream, submit_form
from tests.kernel.desks import Desk, moment

FIELDS = (
    FormField("product", "产品", required=True),
    FormField("price", "价格", type="decimal", required=True),
    FormField("wish", "期望", family="preference", reads=("maintainer",)),
)
FLOW = (
    FlowStep("sign", "sign", ("maintainer",)),
    FlowStep("agree", "co_sign", ("finance", "quality"), days=3),
    FlowStep("read", "circulate", ("a", "b", "c", "d", "e")),
    FlowStep("approve", "approve", ("head", "clerk")),
)


@pytest.fixture
def desk() -> Iterator[Desk]:
    with Desk(plugins=[]).open() as d:
        d.tell(DefineForm(title="Price form", fields=FIELDS, flow=FLOW), who=form_stream("price"))
        yield d


def hand_in(desk: Desk, submission: str = "S-1", form: str = "price", **values: Any) -> None:
    submit_form(
        desk.ledger, "C-1", form, submission, {"product": "steel", "price": "12.5", **values}, actor="clerk"
    )


def step(desk: Desk, step: str, done: Any, by: str, because: str = "") -> None:
    desk.tell(TakeFormStep(submission="S-1", step=step, done=done, because=because), actor=by)


def one(desk: Desk) -> Submission:
    state: Forms = desk.ledger.history("C-1").state(Forms)
    return state.submissions["S-1"]


def status(desk: Desk) -> tuple[Any, ...]:
    (row,) = desk.ledger.report("core.forms_under_way").rows
    return row[6:9]


@pytest.mark.rule("CORE-84a")
def test_an_approval_waits_for_all_who_co_sign(desk: Desk) -> None:
    hand_in(desk)
    step(desk, "sign", "signed", "maintainer")
    step(desk, "agree", "signed", "finance")
    assert status(desk) == ("under_way", "agree", "quality")
    with pytest.raises(RuleNotMet, match=r"step_missing.*co-sign"):
        step(desk, "approve", "approved", "head")


@pytest.mark.rule("CORE-84b")
def test_what_is_returned_comes_back_as_the_next_version_and_is_signed_anew(desk: Desk) -> None:
    hand_in(desk)
    step(desk, "sign", "signed", "maintainer")
    step(desk, "agree", "signed", "finance")
    with pytest.raises(Incomplete, match="reason_missing"):
        step(desk, "agree", "returned", "quality")
    step(desk, "agree", "returned", "quality", "price too low")
    assert status(desk) == ("returned", "agree", "clerk")
    hand_in(desk, price="13")
    assert one(desk).revision == 2
    assert one(desk).revisions[0]["price"] == "12.5"
    assert status(desk) == ("under_way", "sign", "maintainer")
    step(desk, "sign", "signed", "maintainer")
    for who in ("quality", "finance"):
        step(desk, "agree", "signed", who)
    step(desk, "approve", "approved", "head")
    assert status(desk) == ("in_force", None, None)


@pytest.mark.rule("CORE-84c")
def test_a_flow_ends_under_the_definition_it_began_with(desk: Desk) -> None:
    hand_in(desk)
    desk.tell(DefineForm(title="Price form", fields=FIELDS, flow=()), who=form_stream("price"))
    step(desk, "sign", "signed", "maintainer")
    step(desk, "agree", "returned", "quality", "once more")
    hand_in(desk)
    assert (one(desk).form_version, len(one(desk).flow)) == (1, 4)
    hand_in(desk, "S-2")
    rows = {r[0]: (r[3], r[6]) for r in desk.ledger.report("core.forms_under_way").rows}
    assert rows == {"S-1": (1, "under_way"), "S-2": (2, "in_force")}


@pytest.mark.rule("CORE-84c")
def test_values_are_exact_and_known_and_nobody_approves_his_own(desk: Desk) -> None:
    before = desk.count()
    with pytest.raises(Invalid, match="inexact_amount"):
        hand_in(desk, price=12.5)
    with pytest.raises(Invalid, match="unknown_field"):
        hand_in(desk, colour="red")
    with pytest.raises(Incomplete, match="field_missing"):
        hand_in(desk, price=None)
    with pytest.raises(Unknown, match="unknown_code"):
        hand_in(desk, form="no such form")
    assert desk.count() == before
    hand_in(desk)
    step(desk, "sign", "signed", "maintainer")
    for who in ("finance", "quality"):
        step(desk, "agree", "signed", who)
    with pytest.raises(NotPermitted, match="approver_conflict"):
        step(desk, "approve", "approved", "clerk")


@pytest.mark.rule("CORE-84d")
def test_a_circulation_shows_who_has_read_and_holds_nobody_up(desk: Desk) -> None:
    hand_in(desk)
    step(desk, "sign", "signed", "maintainer")
    for who in ("finance", "quality"):
        step(desk, "agree", "signed", who)
    for who in ("a", "b", "d"):
        step(desk, "read", "read", who)
    assert len(one(desk).taken["read"]) == 3
    assert status(desk) == ("under_way", "approve", "head, clerk")
    step(desk, "approve", "approved", "head")
    assert one(desk).end == "in_force"


@pytest.mark.rule("CORE-84d")
def test_a_form_without_a_flow_is_in_force_when_it_is_handed_in(desk: Desk) -> None:
    desk.tell(DefineForm(title="Note", fields=FIELDS), who=form_stream("note"))
    hand_in(desk, form="note")
    assert one(desk).end == "in_force"


def test_a_step_is_taken_by_whom_it_names_once_and_in_its_turn(desk: Desk) -> None:
    hand_in(desk)
    with pytest.raises(NotPermitted, match="not_authorised"):
        step(desk, "sign", "signed", "somebody")
    with pytest.raises(Unknown, match="unknown_code"):
        step(desk, "sign", "approved", "maintainer")
    step(desk, "sign", "signed", "maintainer")
    with pytest.raises(Conflict, match="identifier_taken"):
        step(desk, "sign", "signed", "maintainer")
    step(desk, "agree", "refused", "quality", "not ours to sell")
    assert one(desk).end == "refused"
    with pytest.raises(RuleNotMet, match="stage_closed"):
        step(desk, "agree", "signed", "finance")


def test_only_its_initiator_withdraws_a_form(desk: Desk) -> None:
    hand_in(desk)
    with pytest.raises(NotPermitted, match="not_authorised"):
        desk.tell(WithdrawForm(submission="S-1"), actor="somebody")
    desk.tell(WithdrawForm(submission="S-1"))
    assert one(desk).end == "withdrawn"


def test_a_field_is_read_by_those_it_names_and_is_erased_with_its_family(desk: Desk) -> None:
    hand_in(desk, wish="red paint")
    assert one(desk).shown_to("maintainer")["wish"] == "red paint"
    assert "wish" not in one(desk).shown_to("finance")
    desk.ledger.backend.keyring.destroy(desk.stream(), "preference")
    assert "wish" not in one(desk).values
    assert one(desk).values["product"] == "steel"


def test_a_step_with_a_limit_is_due_for_each_who_has_not_taken_it(desk: Desk) -> None:
    desk.on("2025-06-06")
    hand_in(desk)
    step(desk, "sign", "signed", "maintainer")
    step(desk, "agree", "signed", "finance")
    items = desk.ledger.due_items(as_of=moment("2025-06-12"), cadence="core.form_step")
    assert [(r.key, r.person, r.state) for r in items] == [("S-1/1/agree/quality", "quality", "overdue")]
    assert desk.ledger.due_items(as_of=moment("2025-06-11"), cadence="core.form_step")[0].state == "open"
