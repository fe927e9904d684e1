"""Erasure-tolerant: once a person's keys are destroyed, everything still works, and no hash breaks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from guanxi.kernel.errors import Refusal
from guanxi.kernel.messages import fields_of, personal_of
from guanxi.kernel.standard import MECHANISM
from guanxi.kernel.times import stamp
from guanxi.kernel.verifying import verify
from guanxi.relationship import parts as core_parts
from guanxi.testing.examining import Broken, Examination, NotApplicable
from guanxi.testing.findings import Finding
from guanxi.testing.histories import folds_core
from guanxi.testing.telling import Told


def erasure_tolerant(x: Examination) -> Finding:
    """After the customers' keys are destroyed, folding, judging, read models, reports and history work, and hashes verify."""
    if not x.parts.facets and not x.parts.read_models:
        raise NotApplicable("it folds nothing")
    if not _families(x.parts) and not folds_core(x.parts):
        raise NotApplicable("it has no personal fields, and folds none of the core's")
    return x.afresh("erasure_tolerant", x.some(), _erased)


def _families(parts: Any) -> set[str]:
    classes = (*parts.events, *(m.row for m in parts.read_models))
    return {f for c in classes for a in fields_of(c) if (f := personal_of(a)) is not None}


def _erased(told: Told) -> Broken | None:
    refused = set(_refusals(told))
    destroy(told)
    steps: tuple[tuple[str, Callable[[Told], Any]], ...] = (
        ("its history", _history),
        ("judging it again", _judging),
        ("its read models", _models),
        ("a report", _reports),
        ("a further entry", _further),
    )
    for what, do in steps:
        try:
            do(told)
        except Exception as error:  # noqa: BLE001 - whatever a handler raises is what is asked
            describe = getattr(error, "describe", None)
            said = describe() if describe is not None else f"{type(error).__name__}: {error}"
            return Broken(f"{what} fails once personal values are erased: {said}", _culprit(told))
    if news := sorted(set(_refusals(told)) - refused):
        return Broken(f"once personal values are erased, {news[0]}", _culprit(told))
    faults = verify(told.ledger.store).faults
    if faults:
        return Broken(f"verification finds {faults[0].message}", faults[0].entry)
    return None


def destroy(told: Told) -> None:
    """Destroy every key of every data subject of a told story."""
    families = _families(told.parts) | _families(core_parts)
    subjects = set(told.streams())
    for stream in told.streams():
        for entry in told.ledger.store.entries(stream):
            if entry.data_subject:
                subjects.add(entry.data_subject)
        for row in told.rows(stream):
            subjects |= _named_subjects(told, stream, row)
    for subject in sorted(subjects):
        for family in sorted(families):
            told.ledger.backend.keyring.destroy(subject, family)


def _named_subjects(told: Told, stream: str, row: Any) -> set[str]:
    event = told.event(stream, row)
    if event is None:
        return set()
    named = (a.metadata.get("guanxi_subject") for a in fields_of(type(event)) if personal_of(a) is not None)
    return {str(getattr(event, n)) for n in named if n}


def _history(told: Told) -> None:
    from guanxi.kernel.history import History

    for stream in told.streams():
        history = History(told.ledger, stream)
        history.lines()
        history.values()
        for facet in told.parts.facets:
            if facet.subject == told.subject(stream):
                history.explain(facet.name)
        middle = told.cuts()[1]["as_of"]
        history.as_of(middle).values()
        history.as_known(middle).values()


def _judging(told: Told) -> None:
    judge = told.ledger.judge()
    for stream in told.streams():
        rows = told.rows(stream)
        judge.rederive(told.subject(stream), stream, rows, max(stamp(told.now), rows[-1].recorded_at))


def _models(told: Told) -> None:
    if told.parts.read_models:
        told.ledger.reporting.rebuild([m.name for m in told.models()])
        told.tables()
        parked = [s for s in told.ledger.reporting.status() if s.parked_at is not None]
        if parked:
            raise RuntimeError(
                f"{parked[0].name} is parked: {(parked[0].error or '').strip().splitlines()[-1]}"
            )


def _reports(told: Told) -> None:
    list(_refusals(told))


def _refusals(told: Told) -> Iterator[str]:
    """Show every report, now and at a past cut; yield what refuses, such as a fit without data."""
    for report in told.parts.reports:
        for cut in told.cuts()[:2]:
            try:
                told.report(report.name, **cut).as_table("zh")
            except Refusal as refusal:
                yield f"{report.name} says {refusal.code}"


def _further(told: Told) -> None:
    from guanxi.relationship import RecordProfileFact
    from guanxi.testing.histories import CUSTOMERS

    for name in CUSTOMERS:
        told.ledger.execute(
            name, RecordProfileFact(field_name="city", value="A"), actor=told.actor, reason="late"
        )


def _culprit(told: Told) -> str | None:
    """Say which entry is the first that cannot be folded."""
    judge = told.ledger.judge()
    for stream in told.streams():
        rows = told.rows(stream)
        for n, row in enumerate(rows, 1):
            if row.name in _MARKS:
                continue
            try:
                judge.rederive(told.subject(stream), stream, rows[:n], row.recorded_at)
            except Exception:  # noqa: BLE001 - this is the one that is looked for
                return told.entry(stream, row)
    for model in told.parts.read_models:
        for stream in told.streams():
            entry = _unfoldable(told, model, stream)
            if entry is not None:
                return entry
    return None


def _unfoldable(told: Told, model: Any, stream: str) -> str | None:
    from guanxi.kernel.read_models import Rows

    rows: Any = Rows(model.make, lambda key: None, stream)
    for item in told.ledger.timelines.build(stream, told.rows(stream)):
        handler = model.handlers.get(type(item.event))
        if handler is None:
            continue
        try:
            handler(rows, item.event, item.at(told.ledger.tz))
            for row in rows.values():
                model.to_db(stream, row)
        except Exception:  # noqa: BLE001 - this is the one that is looked for
            return told.entry(stream, item.row)
    return None


_MARKS = {e.stored_name for e in MECHANISM}
