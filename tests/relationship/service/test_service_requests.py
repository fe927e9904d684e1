"""Service requests: each class of need runs through its chain, special customers through their own; nothing rendered is undone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from guanxi import Conflict, Incomplete, Invalid, RuleNotMet, Unknown
from guanxi.relationship.grading.events import ClassStated
from guanxi.relationship.service.commands import (
    CloseService,
    CompleteService,
    RequestService,
    SuspendService,
    TakeServiceStep,
)
from guanxi.relationship.service.rules import ChainStep, ServiceRules
from guanxi.relationship.service.service_requests import ServiceRequests
from guanxi.testing.telling_facts import Teller
from tests.kernel.desks import Desk
from tests.relationship.service.service_desks import due_row, last_day, publish, rows_of

CADENCE = "core.service_step"


@pytest.fixture
def desk() -> Iterator[Desk]:
    with Desk(plugins=[], now="2025-06-02").open(on="2025-01-02") as d:
        yield d


def request(
    desk: Desk, need_class: str = "fault", on: str = "2025-06-02", special: bool | None = None
) -> None:
    desk.on(on).tell(
        RequestService(
            request="S-1",
            need_class=need_class,
            how="on site",
            planned_on=date(2025, 6, 4),
            who="Wang",
            special=special,
        )
    )


def step(desk: Desk, code: str, waive: bool = False, reason: str | None = None) -> None:
    desk.tell(TakeServiceStep(request="S-1", step=code, waive=waive, reason=reason))


def stands(desk: Desk) -> str:
    found: ServiceRequests = desk.ledger.history("C-1").state(ServiceRequests)
    return found.requests["S-1"].state


def taken(desk: Desk) -> list[tuple[str, str, str]]:
    return [
        (r["step"], "taken" if r["taken"] else "open", r["waived"])
        for r in rows_of(desk, "core.service_steps")
    ]


@pytest.mark.rule("CORE-36a")
def test_no_step_is_taken_before_the_one_that_it_follows(desk: Desk) -> None:
    request(desk)
    step(desk, "accept")
    with pytest.raises(RuleNotMet, match="step_missing"):
        step(desk, "repair")
    assert taken(desk) == [("accept", "taken", "no"), ("diagnose", "open", "no"), ("repair", "open", "no")]


@pytest.mark.rule("CORE-36a")
def test_a_step_waived_with_a_reason_lets_the_next_be_taken_and_is_listed(desk: Desk) -> None:
    request(desk)
    step(desk, "accept")
    with pytest.raises(Incomplete, match="reason_missing"):
        step(desk, "repair", waive=True)
    step(desk, "repair", waive=True, reason="known fault")
    assert taken(desk) == [("accept", "taken", "no"), ("diagnose", "taken", "yes"), ("repair", "taken", "no")]
    (waiver,) = [r for r in rows_of(desk, "core.service_steps") if r["waived"] == "yes"]
    assert waiver["reason"] == "known fault"


@pytest.mark.rule("CORE-36a")
@pytest.mark.parametrize(
    ("special", "chain"), [(True, "special/repair"), (False, "repair"), (None, "repair")]
)
def test_special_customers_have_their_own_chain(desk: Desk, special: bool | None, chain: str) -> None:
    request(desk, "repair", special=special)
    assert {r["chain"] for r in rows_of(desk, "core.service_steps")} == {chain}


@pytest.mark.rule("CORE-36a")
@pytest.mark.parametrize(
    ("until", "chain"),
    [(None, "special/repair"), (date(2025, 6, 2), "special/repair"), (date(2025, 6, 1), "repair")],
)
def test_whom_a_plugin_states_a_key_account_is_a_special_customer(until: date | None, chain: str) -> None:
    teller = Teller("customer")
    with Desk(plugins=[teller.parts()], now="2025-06-01").open(on="2025-01-02") as desk:
        stated = ClassStated(
            plugin="crm", scheme="crm.size", grade="key_account", since=date(2025, 5, 1), until=until
        )
        desk.tell(teller.tell([stated]), "2025-05-01", reason="told", happened=True)
        request(desk, "repair")
        assert {r["chain"] for r in rows_of(desk, "core.service_steps")} == {chain}


@pytest.mark.rule("CORE-36")
def test_a_request_goes_through_its_states(desk: Desk) -> None:
    request(desk, "consultation")
    told = [stands(desk)]
    desk.tell(SuspendService(request="S-1", state="pending", reason="waits for the customer"))
    told.append(stands(desk))
    desk.tell(SuspendService(request="S-1", state="held", reason="unpaid"))
    told.append(stands(desk))
    step(desk, "answer")
    told.append(stands(desk))
    with pytest.raises(RuleNotMet, match="step_missing"):
        desk.tell(CloseService(request="S-1"))
    desk.tell(
        CompleteService(request="S-1", result="explained", hours=Decimal("0.5"), parts_used=("manual",))
    )
    told.append(stands(desk))
    desk.tell(CloseService(request="S-1"))
    told.append(stands(desk))
    assert told == ["acknowledged", "pending", "held", "in_progress", "resolved", "closed"]


@pytest.mark.rule("CORE-36")
@pytest.mark.parametrize("state", ["cancelled", "rejected"])
def test_a_service_rendered_is_never_undone(desk: Desk, state: str) -> None:
    request(desk, "consultation")
    with pytest.raises(Incomplete, match="reason_missing"):
        CloseService(request="S-1", state=state)  # type: ignore[arg-type]
    step(desk, "answer")
    desk.tell(CompleteService(request="S-1"))
    close = CloseService(request="S-1", state=state, reason="changed his mind")  # type: ignore[arg-type]
    with pytest.raises(RuleNotMet, match="stage_closed"):
        desk.tell(close)


@pytest.mark.rule("CORE-36")
def test_a_request_that_is_not_rendered_yet_can_be_cancelled(desk: Desk) -> None:
    request(desk)
    desk.tell(CloseService(request="S-1", state="cancelled", reason="changed his mind"))
    assert stands(desk) == "cancelled"
    with pytest.raises(RuleNotMet, match="stage_closed"):
        step(desk, "accept")
    assert desk.ledger.due_items(cadence=CADENCE) == ()


@pytest.mark.rule("CORE-36")
def test_rendering_needs_every_step_or_its_waiver(desk: Desk) -> None:
    request(desk, "repair")
    step(desk, "accept")
    with pytest.raises(RuleNotMet, match="step_missing"):
        desk.tell(CompleteService(request="S-1"))
    with pytest.raises(Incomplete, match="reason_missing"):
        CompleteService(request="S-1", waive=True)
    desk.tell(CompleteService(request="S-1", waive=True, reason="it works again"))
    assert stands(desk) == "resolved"


@pytest.mark.rule("CORE-36")
def test_each_step_is_due_in_its_limit_from_the_one_before(desk: Desk) -> None:
    request(desk)
    assert last_day(due_row(desk, CADENCE, "S-1/accept")) == date(2025, 6, 3)
    desk.on("2025-06-03")
    step(desk, "accept")
    assert due_row(desk, CADENCE, "S-1/accept").state == "done"
    assert last_day(due_row(desk, CADENCE, "S-1/diagnose")) == date(2025, 6, 5)
    desk.on("2025-06-06")
    assert due_row(desk, CADENCE, "S-1/diagnose").state == "overdue"


@pytest.mark.rule("CORE-36")
def test_a_request_keeps_the_chain_of_the_day_that_it_was_made(desk: Desk) -> None:
    request(desk, "consultation")
    publish(desk, ServiceRules(chains={"consultation": (ChainStep("call", "desk", 1),)}), "2025-06-03")
    desk.on("2025-06-04")
    step(desk, "answer")
    with pytest.raises(Unknown, match="unknown_code"):
        step(desk, "call")


@pytest.mark.rule("CORE-36")
def test_what_has_no_chain_or_no_number_of_its_own_is_refused(desk: Desk) -> None:
    with pytest.raises(Unknown, match="unknown_code"):
        request(desk, "haircut")
    request(desk)
    with pytest.raises(Conflict, match="identifier_taken"):
        request(desk)
    with pytest.raises(Unknown, match="unknown_code"):
        desk.tell(CompleteService(request="S-2"))
    with pytest.raises(Invalid, match="out_of_scale"):
        ServiceRules(chains={"empty": ()})
