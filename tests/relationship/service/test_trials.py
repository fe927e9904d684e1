"""Trials of new products: invited, taken, and the impression asked within seven days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from guanxi import Conflict, RuleNotMet, Unknown
from guanxi.relationship.service.commands import GiveImpression, InviteToTrial, TakeTrial
from guanxi.relationship.service.surveys import Surveys
from tests.kernel.desks import Desk
from tests.relationship.service.service_desks import due_row, due_state, last_day, rows_of

CADENCE = "core.trial_impression"


@pytest.fixture
def desk() -> Iterator[Desk]:
    with Desk(plugins=[], now="2025-06-01").open(on="2025-01-02") as d:
        yield d


def invite(desk: Desk, number: str = "T-1") -> None:
    desk.tell(InviteToTrial(trial=number, product="tea"))


def impression(number: str = "T-1") -> GiveImpression:
    return GiveImpression(trial=number, content="a little bitter")


@pytest.mark.rule("CORE-90a")
def test_rates_are_taken_of_invited_and_impressions_of_taken(desk: Desk) -> None:
    for n in range(50):
        invite(desk, f"T-{n}")
        if n < 30:
            desk.tell(TakeTrial(trial=f"T-{n}"))
        if n < 24:
            desk.tell(impression(f"T-{n}"))
    (row,) = rows_of(desk, "core.trials")
    assert (row["invited"], row["taken"], row["impressions"]) == (50, 30, 24)
    assert (row["taken_share"], row["impression_share"]) == (Decimal("60.0"), Decimal("80.0"))


@pytest.mark.rule("CORE-90a")
@pytest.mark.parametrize(("given", "expected"), [("2025-06-10", "done"), ("2025-06-11", "late")])
def test_the_impression_is_asked_within_seven_days(desk: Desk, given: str, expected: str) -> None:
    invite(desk)
    desk.on("2025-06-03").tell(TakeTrial(trial="T-1"))
    assert last_day(due_row(desk, CADENCE, "T-1")) == date(2025, 6, 10)
    desk.on(given).tell(impression())
    assert due_state(desk, CADENCE, "T-1", given) == expected


@pytest.mark.rule("CORE-90")
def test_an_impression_is_never_a_satisfaction_score(desk: Desk) -> None:
    invite(desk)
    desk.tell(TakeTrial(trial="T-1"))
    desk.tell(impression())
    assert desk.ledger.history("C-1").state(Surveys).scores == {}
    assert all(not r["nps_answers"] for r in rows_of(desk.on("2025-07-01"), "core.satisfaction"))


@pytest.mark.rule("CORE-90")
def test_a_trial_goes_from_invitation_to_impression(desk: Desk) -> None:
    with pytest.raises(Unknown, match="unknown_code"):
        desk.tell(TakeTrial(trial="T-1"))
    invite(desk)
    with pytest.raises(Conflict, match="identifier_taken"):
        invite(desk)
    with pytest.raises(RuleNotMet, match="step_missing"):
        desk.tell(impression())
    desk.tell(TakeTrial(trial="T-1"))
    with pytest.raises(RuleNotMet, match="stage_closed"):
        desk.tell(TakeTrial(trial="T-1"))
