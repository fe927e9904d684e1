"""Rebuildable, insensitive to batches, and resumable: what read models must not depend on."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from guanxi.kernel.messages import Event
from guanxi.kernel.timeline import Item
from guanxi.testing.examining import Broken, Examination, NotApplicable, first_difference
from guanxi.testing.findings import Finding, found
from guanxi.testing.fresh import Unreachable, tell_and_die
from guanxi.testing.histories import Story
from guanxi.testing.telling import Told
from guanxi.testing.watching import picture

PAGES = (1, 7, 1000)
"""How many entries are projected at once, in turn."""

Tables = dict[str, list[tuple[str, Any]]]


def rebuildable(x: Examination) -> Finding:
    """Read models made anew from the log equal those kept entry by entry."""
    _require_models(x)
    return x.each("rebuildable", _rebuilt)


def _rebuilt(told: Told) -> Broken | None:
    kept = told.tables()
    told.ledger.reporting.rebuild([m.name for m in told.models()])
    return _differ(told, kept, told.tables(), "kept entry by entry", "made anew")


def batch_insensitive(x: Examination) -> Finding:
    """Rows are the same for pages of 1, 7 and 1000 entries, and however the streams interleave."""
    _require_models(x)
    return x.each("batch_insensitive", _paged)


def _paged(told: Told) -> Broken | None:
    first: Tables | None = None
    projector: Any = told.ledger.reporting.projector
    usual = getattr(projector, "page", None)
    try:
        for size in PAGES:
            projector.page = size
            told.ledger.reporting.rebuild([m.name for m in told.models()])
            tables = told.tables()
            if first is None:
                first = tables
            elif broken := _differ(told, first, tables, f"in pages of {PAGES[0]}", f"in pages of {size}"):
                return broken
    finally:
        projector.page = usual
    assert first is not None
    for turned, how in ((False, "one stream after the other"), (True, "the other way round")):
        if broken := _differ(told, first, _stream_by_stream(told, turned), "as entered", how):
            return broken
    return None


def _stream_by_stream(told: Told, turned: bool) -> Tables:
    """Return the rows as they are when whole streams are folded one after the other."""
    streams = sorted(told.every_stream(), key=told.name_of, reverse=turned)
    histories = (
        (s, [(i.event, i.at(told.ledger.tz)) for i in told.ledger.timelines.build(s, told.rows(s))])
        for s in streams
    )
    reader = told.ledger.reporting.projector.scratch(told.models(), histories)
    return {
        m.name: sorted(((told.name_of(s), row) for s, row in reader.rows(m)), key=repr) for m in told.models()
    }


def resumable(x: Examination) -> Finding:
    """A projector stopped between pages, and a process killed between transactions, are gone on from without a trace."""
    x.require_streams()
    stories = x.some(8)[:3]
    for story in stories:
        broken = _stopped(x, story)
        if broken is not None:
            return found("resumable", "failed", _with(broken, story), broken.entry)
    note = ""
    try:
        for story in stories[:2]:
            broken = _killed(x, story)
            if broken is not None:
                return found("resumable", "failed", _with(broken, story), broken.entry)
    except Unreachable as reason:
        note = f"; not with a killed process: {reason}"
    return found("resumable", "met", f"{len(stories)} histories{note}")


def _with(broken: Broken, story: Story) -> str:
    return f"{broken.text}\n  the history:" + "".join(f"\n    {line}" for line in story.lines())


class _Stop(Exception):
    """A projector is stopped here."""


def _stopped(x: Examination, story: Story) -> Broken | None:
    """Tell half, stop the projector between pages, let go of the ledger, open it again, and go on."""
    half = len(story.steps) // 2
    with tempfile.TemporaryDirectory(prefix="guanxi-kit-", ignore_cleanup_errors=True) as folder:
        url = f"sqlite:///{Path(folder) / 'ledger.db'}"
        told = Told(x.parts, story, url=url, actor=x.actor)
        told.begin()
        told.tell(last=half)
        projector: Any = told.ledger.reporting.projector
        projector.page = 2

        def stop(position: int, last: int) -> None:
            raise _Stop

        with suppress(_Stop):
            projector.catch_up(stop)
        told.close()
        return _gone_on(x, story, url, half, "after a stop between pages")


def _killed(x: Examination, story: Story) -> Broken | None:
    """Have another process tell half and die by signal while it projects, and go on."""
    half = len(story.steps) // 2
    with tempfile.TemporaryDirectory(prefix="guanxi-kit-", ignore_cleanup_errors=True) as folder:
        url = f"sqlite:///{Path(folder) / 'ledger.db'}"
        tell_and_die(x, story, url, half)
        return _gone_on(x, story, url, half, "after the process was killed")


def _gone_on(x: Examination, story: Story, url: str, half: int, when: str) -> Broken | None:
    whole = Told(x.parts, story, actor=x.actor)
    rest = Told(x.parts, story, url=url, actor=x.actor)
    try:
        whole.begin()
        whole.tell().finish()
        rest.begin()
        rest.tell(first=half).finish()
        if broken := _same_decisions(whole, rest, when):
            return broken
        if not x.parts.read_models:
            return None
        for told in (whole, rest):
            told.ledger.reporting.project()
        return _differ(whole, whole.tables(), rest.tables(), "without an interruption", when)
    finally:
        whole.close()
        rest.close()


def _same_decisions(whole: Told, rest: Told, when: str) -> Broken | None:
    for a, b in zip(whole.streams(), rest.streams(), strict=True):
        mine = whole.ledger.timelines.build(a, whole.rows(a))
        theirs = rest.ledger.timelines.build(b, rest.rows(b))
        left = [(i.effective, _picture(i.event, a)) for i in mine]
        right = [(i.effective, _picture(i.event, b)) for i in theirs]
        for n, one, other in first_difference(left, right):
            item: Item = mine[min(n, len(mine) - 1)]
            return Broken(f"{when} there is {other!r} where there was {one!r}", whole.entry(a, item.row))
    return None


def _picture(event: Event, stream: str) -> str:
    return repr(picture(event)).replace(stream, "its stream")


def _require_models(x: Examination) -> None:
    if not x.parts.read_models:
        raise NotApplicable("it has no read models")


def _differ(told: Told, left: Tables, right: Tables, how_left: str, how_right: str) -> Broken | None:
    for model in told.models():
        mine, theirs = left[model.name], right[model.name]
        for _, a, b in first_difference([_row(r) for r in mine], [_row(r) for r in theirs]):
            who = (a or b or ("",))[0]
            text = f"{model.name}: {how_left} {_shown(a)}, {how_right} {_shown(b)}"
            return Broken(text, _last_of(told, model, who))
    return None


def _row(named: tuple[str, Any]) -> tuple[str, str]:
    return named[0], repr(named[1])


def _shown(row: tuple[str, str] | None) -> str:
    return "there is no row" if row is None else f"{row[0]} has {row[1]}"


def _last_of(told: Told, model: Any, who: str) -> str | None:
    """Say which is the last entry of a customer that a read model folds."""
    names = {k.stored_name for k in model.handlers}
    for stream in told.streams():
        if told.name_of(stream) == who:
            folded = [r for r in told.rows(stream) if r.name in names]
            if folded:
                return told.entry(stream, folded[-1])
    return None
