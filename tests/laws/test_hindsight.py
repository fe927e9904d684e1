"""The law of hindsight: decisions in force equal a re-derivation, whatever came late, was corrected, voided or ruled anew."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from guanxi import Decision, Ledger, verify
from guanxi.kernel.timeline import Item
from guanxi_retail import PointsRules
from tests.laws.histories import CUSTOMER, KINDS, START, Step, Teller, opened, steps, transactions

POLICIES = st.sampled_from(["unlimited", "within_balance", "only_pending"])


def drawn(items: list[Item]) -> list[str]:
    """Return decisions in force as comparable text, without the ids that two derivations number differently."""
    out = []
    for item in items:
        event: Any = item.event
        if isinstance(event, Decision):
            body = "" if event.stored_name == "core.breach_flagged" else repr(event)
            out.append(f"{item.effective} {event.stored_name} {getattr(event, 'rule', '')} {body}")
    return sorted(out)


def told(ledger: Ledger, history: list[Step], policy: str) -> Teller:
    teller = Teller(ledger)
    teller.begin(PointsRules(pending_days=7, clawback=policy, months=3))  # type: ignore[arg-type]
    for step in history:
        teller.tell(step)
    ledger.advance()
    return teller


@given(steps(), POLICIES)
@settings(deadline=None)
def test_decisions_in_force_equal_a_fresh_derivation_from_the_facts(history: list[Step], policy: str) -> None:
    with opened() as ledger:
        told(ledger, history, policy)
        stream = ledger.find(CUSTOMER)
        assert stream is not None
        rows = ledger.store.fold_rows(stream)
        judge = ledger.judge()
        stored = judge.timelines.build(stream, rows)
        fresh = judge.rederive("customer", stream, rows, rows[-1].recorded_at)
        assert drawn(stored) == drawn(fresh.items)


@given(steps(), POLICIES)
@settings(deadline=None)
def test_every_transaction_re_enacted_with_what_was_known_then_yields_what_is_stored(
    history: list[Step], policy: str
) -> None:
    with opened() as ledger:
        told(ledger, history, policy)
        stream = ledger.find(CUSTOMER)
        assert stream is not None
        rows = ledger.store.fold_rows(stream)
        assert ledger.judge().reenact("customer", stream, rows, transactions(ledger, stream)) == []
        assert verify(ledger.store).clean


@given(steps((*KINDS, "halve")), POLICIES)
@settings(deadline=None)
def test_replaying_the_moments_of_knowledge_yields_the_decisions_in_force(
    history: list[Step], policy: str
) -> None:
    with opened() as ledger:
        told(ledger, history, policy)
        stream = ledger.find(CUSTOMER)
        assert stream is not None
        rows = ledger.store.fold_rows(stream)
        judge = ledger.judge()
        stored = judge.timelines.build(stream, rows)
        replayed = judge.replay("customer", stream, transactions(ledger, stream), rows[-1].recorded_at)
        assert drawn(stored) == drawn(replayed)


@given(steps((*KINDS, "halve")), POLICIES, st.integers(0, 400), st.integers(0, 400))
@settings(deadline=None)
def test_no_answer_at_any_cut_depends_on_when_time_was_advanced(
    history: list[Step], policy: str, as_of: int, as_known: int
) -> None:
    answers = []
    for advancing in (True, False):
        with opened() as ledger:
            teller = Teller(ledger, advancing=advancing)
            teller.begin(PointsRules(pending_days=7, clawback=policy, months=3))  # type: ignore[arg-type]
            for step in history:
                teller.tell(step)
                if advancing:
                    ledger.advance()
            past = (
                ledger.history(CUSTOMER)
                .as_known(START + timedelta(days=as_known))
                .as_of(START + timedelta(days=as_of))
            )
            answers.append((past.values(), ledger.history(CUSTOMER).values()))
    assert answers[0] == answers[1]


@given(steps(max_size=16), POLICIES)
@settings(deadline=None, max_examples=40)  # each example makes every table of the core
def test_live_rows_equal_rebuilt_rows_and_scratch_rows(history: list[Step], policy: str) -> None:
    with opened() as ledger:
        teller = Teller(ledger)
        teller.begin(PointsRules(pending_days=7, clawback=policy, months=3))  # type: ignore[arg-type]
        for step in history:
            teller.tell(step)
            if step.amount % 2:
                ledger.reporting.project()
        ledger.advance()
        ledger.reporting.project()
        stream = ledger.find(CUSTOMER)
        assert stream is not None
        rows = ledger.store.fold_rows(stream)
        happened = {type(item.event) for item in ledger.judge().timelines.build(stream, rows)}
        models = [m for m in ledger.reporting.models if happened & m.handlers.keys()]
        live = [list(ledger.reporting.projector.reader().rows(m)) for m in models]
        ledger.reporting.rebuild([m.name for m in models])
        rebuilt = [list(ledger.reporting.projector.reader().rows(m)) for m in models]
        assert live == rebuilt


def test_a_cut_before_the_file_was_opened_shows_an_empty_file() -> None:
    with opened() as ledger:
        Teller(ledger).begin()
        assert ledger.history(CUSTOMER).as_of("2000-01-01").state("core.file").status == "not open"
