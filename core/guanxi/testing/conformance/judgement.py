"""Deterministic, under the law of hindsight, and re-enactable: what judging a history again must yield."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from guanxi.kernel.messages import REVISE, Decision
from guanxi.kernel.standard import BreachFlagged
from guanxi.kernel.timeline import Item
from guanxi.kernel.times import instant, stamp
from guanxi.testing.examining import Broken, Examination, first_difference
from guanxi.testing.findings import Finding, found
from guanxi.testing.fresh import Unreachable, in_fresh_interpreters, lines_of
from guanxi.testing.histories import Publish, decisions_of
from guanxi.testing.telling import Told

SEEDS = ("1", "2")
"""Hash seeds of the further interpreters; two of them, since one may agree by chance."""


def deterministic(x: Examination) -> Finding:
    """Judging the same facts twice draws the same decisions, also in an interpreter with another hash seed."""
    finding = x.each("deterministic", _twice)
    if finding.status != "met":
        return finding
    chosen = x.some(2)
    tellings = [told for told in x.told() if told.story in chosen][: len(chosen)]
    try:
        answers = in_fresh_interpreters(x, [told.story for told in tellings], SEEDS)
        for seed, there in zip(SEEDS, answers, strict=True):
            for told, theirs in zip(tellings, there, strict=True):
                for _, a, b in first_difference(lines_of(told), theirs):
                    text = f"another interpreter, with hash seed {seed}, has {b} where this one has {a}"
                    story = "\n  the history:" + "".join(f"\n    {line}" for line in told.story.lines())
                    return found("deterministic", "failed", text + story, _line_entry(told, a or b))
    except Unreachable as reason:
        return found("deterministic", "met", f"{finding.detail}; in this interpreter only: {reason}")
    return found("deterministic", "met", f"{finding.detail}, in three interpreters")


def _line_entry(told: Told, line: str) -> str | None:
    """Say which entry a line is about: the entry itself, or the first that a read model's row is folded from."""
    for model in told.models():
        if line.startswith(f"{model.name}: "):
            return told.first_of(list(model.handlers))
    return told.entry_at(line)


def _twice(told: Told) -> Broken | None:
    judge = told.ledger.judge()
    for stream in told.streams():
        rows = told.rows(stream)
        subject, known = told.subject(stream), stamp(told.now)
        runs = [
            [
                f"{d.effective} {d.event!r} place {d.place}"
                for d in judge.rederive(subject, stream, rows, max(known, rows[-1].recorded_at)).drafts
            ]
            for _ in range(2)
        ]
        for n, first, second in first_difference(*runs):
            return Broken(f"judged twice: first {first}, then {second}", _at(told, stream, n))
    return None


def _at(told: Told, stream: str, n: int) -> str | None:
    """Say which stored decision is the n-th drawn."""
    drawn = [
        i for i in told.ledger.timelines.build(stream, told.rows(stream)) if isinstance(i.event, Decision)
    ]
    return told.entry(stream, drawn[min(n, len(drawn) - 1)].row) if drawn else None


def hindsight(x: Examination) -> Finding:
    """Decisions in force equal a replay of the moments of knowledge; where all revise, the order of entry is immaterial."""
    return x.each("hindsight", lambda told: _replayed(told, _revises_all(x)))


def _revises_all(x: Examination) -> bool:
    return all(d.late_effect is REVISE for d in decisions_of([x.parts]))


def _replayed(told: Told, order_immaterial: bool) -> Broken | None:
    judge = told.ledger.judge()
    unpublished = not any(isinstance(s.what, Publish) for s in told.story.steps)
    for stream in told.streams():
        rows, subject = told.rows(stream), told.subject(stream)
        known = rows[-1].recorded_at
        stored = judge.timelines.build(stream, rows)
        again = judge.replay(subject, stream, told.transactions(stream), known)
        if broken := _compared(told, stream, stored, again, "a replay of the moments of knowledge"):
            return broken
        if order_immaterial and unpublished:
            fresh = judge.rederive(subject, stream, rows, known).items
            if broken := _compared(
                told, stream, stored, fresh, "the same facts in the order in which they count"
            ):
                return broken
    return None


def _compared(
    told: Told, stream: str, stored: Iterable[Item], derived: Iterable[Item], what: str
) -> Broken | None:
    mine, theirs = _drawn(stored), _drawn(derived)
    for text, item in mine.items():
        if text not in theirs:
            return Broken(f"{what} does not draw it", told.entry(stream, item.row))
    for text, item in theirs.items():
        if text not in mine:
            at = instant(item.effective, told.ledger.tz)
            return Broken(
                f"{what} draws {item.event!r} at {at:%Y-%m-%d %H:%M}, which is not in force",
                told.first_of([type(item.event)])
                or f"{told.name_of(stream)}, {at:%Y-%m-%d %H:%M}, {item.event!r}",
            )
    return None


def _drawn(items: Iterable[Item]) -> dict[str, Item]:
    """Return decisions by comparable text, without the ids that two derivations number differently."""
    out: dict[str, Item] = {}
    for item in items:
        event: Any = item.event
        if not isinstance(event, Decision):
            continue
        body = f"{event.rule} {event.code}" if isinstance(event, BreachFlagged) else repr(event)
        text = f"{item.effective} {event.stored_name} {body}"
        while text in out:
            text += " again"
        out[text] = item
    return out


def reenactable(x: Examination) -> Finding:
    """Each transaction, run again with what was known then, yields what is stored."""
    return x.each("reenactable", _reenacted)


def _reenacted(told: Told) -> Broken | None:
    judge = told.ledger.judge()
    for stream in told.streams():
        rows, groups = told.rows(stream), told.transactions(stream)
        trouble = judge.reenact(told.subject(stream), stream, rows, groups)
        if not trouble:
            continue
        for n in range(len(groups)):
            past = groups[: n + 1]
            upto = [r for g in past for r in g]
            if judge.reenact(told.subject(stream), stream, upto, past):
                drawn = [r for r in past[-1] if r.kind == "decision"] or past[-1]
                return Broken(trouble[0].partition(": ")[2], told.entry(stream, drawn[0]))
        return Broken(trouble[0])
    return None
