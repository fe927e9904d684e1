"""Whatever is told, in whatever order, at every pair of cuts a replay states what an office with a card index would work out."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import guanxi
from guanxi.kernel.history import History
from guanxi.relationship.care.consent import Consents
from guanxi.relationship.dealings.exposure import exposure
from guanxi.relationship.dealings.orders import Orders
from guanxi.relationship.dealings.receivables import Receivables
from guanxi.relationship.dealings.warnings import Warnings
from guanxi.relationship.file.contacts import ContactPoints
from guanxi.relationship.file.customer_file import CustomerFile
from guanxi.relationship.grading.importance import Importance
from guanxi.relationship.grading.rules import ImportanceRules
from guanxi.relationship.ownership.maintainers import Ownership
from guanxi.relationship.people.lifecycle import Lifecycle
from guanxi.relationship.pipeline.contracts import Contracts
from guanxi.relationship.pipeline.leads import Leads
from guanxi.relationship.pipeline.opportunities import Opportunities
from guanxi.relationship.service.complaints import Complaints
from guanxi.relationship.service.promises import Promises
from tests.relationship.naive import naive_relationship as naive
from tests.relationship.naive.histories import (
    START,
    FileKinds,
    Marks,
    MoneyKinds,
    OwnershipKinds,
    PipelineKinds,
    ServiceKinds,
    Step,
    Teller,
    steps,
)

CUTS = st.lists(
    st.tuples(st.integers(0, 99), st.integers(0, 99), st.integers(-400, 500)), min_size=2, max_size=4
)
TICK = timedelta(microseconds=1)
QUICK = settings(
    deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def replayed(history: History, as_of: datetime) -> dict[str, Any]:
    """Return what the ledger states of a customer at a cut."""
    day = naive.day_of(as_of)
    file, contacts = history.state(CustomerFile), history.state(ContactPoints)
    orders, book, warnings = history.state(Orders), history.state(Receivables), history.state(Warnings)
    consents = history.state(Consents)
    return {
        "name": file.name,
        "profile": file.profile,
        "status": file.status,
        "contacts": sorted((p.type, p.value) for p in contacts.active.values()),
        "maintainer": history.state(Ownership).maintainer,
        "leads": {n: lead.type for n, lead in history.state(Leads).by_number.items()},
        "opportunities": {n: (o.stage, o.is_open) for n, o in history.state(Opportunities).by_number.items()},
        "contracts": sorted(n for n, c in history.state(Contracts).by_number.items() if c.in_force(day)),
        "complaints": {
            n: "open" if c.closed_at is None else "closed"
            for n, c in history.state(Complaints).complaints.items()
        },
        "promises": {n: p.state for n, p in history.state(Promises).promises.items()},
        "importance": history.state(Importance).level(day, ImportanceRules()),
        "consents": {c: consents.allows("marketing", c) for c in ("sms", "email")},
        "stage": history.state(Lifecycle).stage,
        "orders": {
            n: {k: (x.shipped, x.returned, x.cancelled, x.open) for k, x in o.lines.items()}
            for n, o in orders.orders.items()
        },
        "receivables": {i.number: i.open for i in book.open_items()},
        "lost": {n: i.lost for n, i in book.receivables.items() if i.lost > 0},
        "advance": book.advance("CNY"),
        "exposure": exposure(orders, book, "CNY"),
        "due_soon": sorted(warnings.of_kind("due_soon")),
        "overdue": sorted(warnings.of_kind("overdue")),
    }


def held_in(history: History) -> dict[str, list[str]]:
    """Return what holds each order and contract."""
    orders = history.state(Orders)
    return {n: sorted(o.held) for n, o in orders.orders.items() if o.held} | {
        f"contract {c}": sorted(causes) for c, causes in orders.held_contracts.items() if causes
    }


def cuts_of(teller: Teller, chosen: list[tuple[int, int, int]]) -> list[tuple[datetime, datetime]]:
    """Return pairs of cuts: around moments at which something happened or was entered, and now."""
    # What a link brings or takes away is drawn just after the link itself.
    moments = [t["at"] + TICK * (t["kind"] in ("merge", "undo")) for t in teller.told if t["at"] is not None]
    knowns = [t["known"] + TICK for t in teller.told]
    teller.now += TICK
    pairs = [(teller.now, teller.now)]
    for a, k, days in chosen:
        known = knowns[k % len(knowns)]
        pairs += [(moments[a % len(moments)], known), (START + timedelta(days=days), known)]
    return pairs


def assert_equal(teller: Teller, chosen: list[tuple[int, int, int]], apart: tuple[str, ...] = ()) -> None:
    """Compare every covered value of every file at every cut, but for some."""
    for as_of, as_known in cuts_of(teller, chosen):
        for file in teller.files:
            history = teller.ledger.history(file).as_known(as_known).as_of(as_of)
            orders = history.state(Orders)
            held = {n for n, o in orders.orders.items() if orders.held(o)}
            stated, worked_out = (
                replayed(history, as_of),
                naive.answer(teller.told, file, as_of, as_known, held),
            )
            differing = {
                k: (stated[k], worked_out[k]) for k in stated if k not in apart and stated[k] != worked_out[k]
            }
            assert not differing, (file, as_of, as_known, differing)


def tell_all(history: list[Step], *files: str) -> Teller:
    teller = Teller(guanxi.open("sqlite://", plugins=[]), *files)
    for step in history:
        teller.tell(step)
    return teller


@pytest.mark.parametrize(
    "kinds",
    [
        pytest.param((*FileKinds, *OwnershipKinds, *PipelineKinds, *Marks), id="sales"),
        pytest.param((*ServiceKinds, "consent", "importance", *Marks), id="service"),
        pytest.param((*MoneyKinds, "contract", "action", *Marks), id="money"),
    ],
)
@given(data=st.data())
@QUICK
def test_a_replay_states_what_is_worked_out_from_scratch(kinds: tuple[str, ...], data: st.DataObject) -> None:
    teller = tell_all(data.draw(steps(kinds, 20, 60)), "F1")
    assert_equal(teller, data.draw(CUTS))
    teller.ledger.close()


BOTH_KINDS = (
    "merge", "merge", "undo", "shared", "shared", *MoneyKinds, *ServiceKinds, "profile", "contact", "retire",
    "maintainer", "consent", "importance", "lead", "opportunity", "contract", *Marks,
)  # fmt: skip


def plain(kind: str, a: int = 0, b: int = 0) -> Step:
    return Step(kind=kind, a=a, b=b, days=0, lag=0, happened=True)


GIVEN_BACK_BY_THE_OTHER = [
    *(plain("merge") for _ in range(9)), plain("shared"), plain("void", 10, 29), *(plain("merge") for _ in range(5)),
    plain("give_back", 0, 77),
]  # fmt: skip
"""A receipt that came in for both files of a merged customer, void in the file that is told of what is given back of it."""


@given(steps(BOTH_KINDS, 20, 60), CUTS)
@example([plain("order"), *GIVEN_BACK_BY_THE_OTHER], [(0, 0, 0), (0, 0, 0)])
@QUICK
def test_merged_files_state_the_union_and_undoing_gives_each_its_own_back(
    history: list[Step], chosen: list[tuple[int, int, int]]
) -> None:
    teller = tell_all(history, "F1", "F2")
    assert_equal(teller, chosen)
    teller.ledger.close()


HoldingKinds = (*MoneyKinds, "terms", "contract", "let_go")


def assert_held(teller: Teller, chosen: list[tuple[int, int, int]]) -> None:
    """Compare what holds each order and contract of every file at every cut."""
    for as_of, as_known in cuts_of(teller, chosen):
        everything = naive.standing(teller.told, as_known)
        for file in teller.files:
            stated = held_in(teller.ledger.history(file).as_known(as_known).as_of(as_of))
            assert stated == naive.held(everything, file, as_of), (file, as_of, as_known)


@given(steps(HoldingKinds, 20, 60, lags=(0,)), CUTS)
@QUICK
def test_what_is_held_is_what_limit_term_and_arrears_hold(
    history: list[Step], chosen: list[tuple[int, int, int]]
) -> None:
    teller = tell_all(history, "F1")
    assert_held(teller, chosen)
    teller.ledger.close()


def merged_once(history: list[Step]) -> list[Step]:
    """Return a history with one merge and one undoing of it at most.

    A second merge of the same two shows again what the survivor drew of the other's entries while the first one lasted.
    """
    seen: set[str] = set()
    found: list[Step] = []
    for step in history:
        if step.kind in ("merge", "undo"):
            if step.kind in seen or (step.kind == "undo" and "merge" not in seen):
                continue
            seen.add(step.kind)
            step = attrs.evolve(step, a=1)
        found.append(step)
    return found


@given(steps((*HoldingKinds, *HoldingKinds, "merge", "merge", "undo", "undo"), 20, 60, lags=(0,)), CUTS)
@QUICK
def test_merged_files_hold_what_either_held_and_undoing_leaves_no_trace(
    history: list[Step], chosen: list[tuple[int, int, int]]
) -> None:
    teller = tell_all(merged_once(history), "F1", "F2")
    assert_held(teller, chosen)
    teller.ledger.close()
