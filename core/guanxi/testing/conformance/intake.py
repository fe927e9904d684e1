"""Idempotent: what was told once and is told again adds nothing."""

from __future__ import annotations

from typing import Any

import msgspec

from guanxi.kernel.errors import GuanxiError
from guanxi.kernel.telling import Source, Telling
from guanxi.testing.examining import Broken, Examination
from guanxi.testing.findings import Finding
from guanxi.testing.histories import CUSTOMERS, START, Enter, subject_of
from guanxi.testing.telling import Told, stamp_of


def idempotent(x: Examination) -> Finding:
    """The same command id, the same source reference and the same batch again add nothing; nor does time that has passed."""
    return x.afresh("idempotent", x.some(), _again)


def _again(told: Told) -> Broken | None:
    for check in (_time_again, _commands_again, _opening_again, _batch_again):
        broken = check(told)
        if broken is not None:
            return broken
    return None


def _time_again(told: Told) -> Broken | None:
    told.ledger.advance()
    before = told.ledger.store.last_position()
    told.ledger.advance()
    return _grown(told, before, "letting the same time pass again adds it")


def _commands_again(told: Told) -> Broken | None:
    moments = told.story.moments()
    # What was refused and left something behind is refused again, and leaves nothing more.
    refused = {n for n, _ in told.refusals}
    for n in told.effective:
        step = told.story.steps[n]
        if not isinstance(step.what, Enter):
            continue
        before = told.ledger.store.last_position()
        line = told.story.lines([n])[0]
        try:
            told.enter(n, moments[n][1])
        except GuanxiError as error:
            if n not in refused:
                return Broken(f"the same command under the same id is refused: {error.describe()}", line)
        if broken := _grown(told, before, "the same command under the same id adds it"):
            return broken
    return None


def _opening_again(told: Told) -> Broken | None:
    before = told.ledger.store.last_position()
    told.begin()
    return _grown(told, before, "opening a file again under the same command id adds it")


def _batch_again(told: Told) -> Broken | None:
    """Take in the story's reports as a batch, then the same batch made anew from its lines."""
    first = _tellings(told)
    if not first:
        return None
    ledger, recorded = told.ledger, stamp_of(told.now)
    verdicts = ledger.take_in(first, recorded_at=recorded)
    before = ledger.store.last_position()
    again = ledger.take_in(_tellings(told), recorded_at=recorded)
    if broken := _grown(told, before, "the same batch again adds it"):
        return broken
    for telling, one, other in zip(first, verdicts, again, strict=True):
        if one.status == "accepted" and other.status not in ("known", "accepted"):
            why = other.refusal.describe() if other.refusal is not None else other.status
            return Broken(f"a line taken in before is {other.status}: {why}", repr(telling.command))
    return None


def _tellings(told: Told) -> list[Telling]:
    """Return the story's commands as lines of a batch, each made anew from its plain values."""
    lines = []
    for n, (step, (_, at)) in enumerate(zip(told.story.steps, told.story.moments(), strict=True)):
        if not isinstance(step.what, Enter) or isinstance(step.what.what, tuple):
            continue
        command: Any = step.what.what
        if subject_of(told.parts, type(command)) != "customer" or type(command).opens_file:
            continue
        lines.append(
            Telling(
                subject=CUSTOMERS[step.who],
                command=msgspec.convert(msgspec.to_builtins(command), type(command)),
                actor=told.actor,
                occurred_at=min(at, max(START, told.now)),
                happened=True,
                source=Source("kit", "story", str(n)),
                batch="kit-1",
            )
        )
    return lines


def _grown(told: Told, before: int, text: str) -> Broken | None:
    added = told.ledger.store.page(before, 5)
    if not added:
        return None
    e = added[0]
    row = told.rows(e.stream)[e.version - 1]
    return Broken(text, told.entry(e.stream, row))
