"""Telling stories: each step to a ledger whose clock only the story moves, and what a told ledger can be asked."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Any

import attrs

import guanxi
from guanxi.kernel.desk import RULES_SUBJECT
from guanxi.kernel.entries import FoldRow
from guanxi.kernel.errors import GuanxiError, Refusal
from guanxi.kernel.ledger import Ledger
from guanxi.kernel.messages import Event
from guanxi.kernel.plugins import Parts
from guanxi.kernel.reports import ReportResult
from guanxi.kernel.standard import MECHANISM
from guanxi.kernel.times import instant, stamp
from guanxi.relationship import FileOpened, OpenFile
from guanxi.testing.histories import (
    CUSTOMERS,
    START,
    Correct,
    Enter,
    Pause,
    Publish,
    Step,
    Story,
    Void,
    subject_of,
)
from guanxi.testing.telling_facts import CORE, Teller

ACTOR = "clerk"
"""Who tells and asks, unless somebody else is named."""

NAME = "Li Mingming"
"""What the customers of a story are called, so that there is something to erase."""


@attrs.frozen
class Failure:
    """A step that failed with something other than a refusal.

    Args:
        step: its place in the story.
        error: what was raised.
    """

    step: int
    error: Exception


class Told:
    """A story told to a ledger, wholly or up to a step.

    Args:
        parts: the plugin's parts.
        story: the story.
        url: where the ledger is kept.
        examined: parts handed to the ledger in place of the plugin's own, such as watched ones.
        actor: who tells it, and asks.
    """

    def __init__(
        self,
        parts: Parts,
        story: Story,
        *,
        url: str = "sqlite://",
        examined: Parts | None = None,
        actor: str = ACTOR,
    ) -> None:
        self.parts, self.story, self.actor = parts, story, actor
        self.now = START
        self.failures: list[Failure] = []
        self.effective: list[int] = []
        self.refusals: list[tuple[int, Refusal]] = []
        self._names: dict[str, str] = {}
        self._tellers = {
            subject: Teller(subject)
            for subject in dict.fromkeys(["customer", *(f.subject for f in parts.facets)])
        }
        tellers = [t.parts() for t in self._tellers.values()]
        kit = attrs.evolve(
            tellers[0],
            commands=tuple(c for t in tellers for c in t.commands),
            facets=tuple(f for t in tellers for f in t.facets),
        )
        own = [] if parts.name == CORE else [examined or parts]
        self.ledger: Ledger = guanxi.open(url, plugins=[*own, kit], clock=lambda: self.now)

    def begin(self) -> None:
        """Open the customers' files, where they are not open yet."""
        for name in CUSTOMERS:
            self.ledger.execute(
                name,
                OpenFile(name=NAME),
                actor=self.actor,
                reason="set-up",
                occurred_at=START - timedelta(days=800),
                command_id=f"open {name}",
            )

    def tell(
        self, *, first: int = 0, last: int | None = None, after: Callable[[int], object] | None = None
    ) -> Told:
        """Tell the steps, from one to before another; refusals are passed over.

        Args:
            first: the first step's place.
            last: the place of the step at which to stop.
            after: called after each step with its place.
        """
        moments = self.story.moments()
        for n in range(first, len(self.story.steps) if last is None else last):
            self.now, at = moments[n]
            before = self.ledger.store.last_position()
            try:
                self.enter(n, at)
            except Refusal as refusal:
                self.refusals.append((n, refusal))
            except Exception as error:  # noqa: BLE001 - what a plugin's code raises is what is examined
                self.failures.append(Failure(n, error))
            if self.ledger.store.last_position() != before:
                self.effective.append(n)
            if after is not None:
                after(n)
        return self

    def finish(self) -> Told:
        """Write down what fell due since."""
        self.ledger.advance()
        return self

    def enter(self, n: int, at: datetime) -> None:
        """Tell one step; what it enters has an id of its own, so that it may be told again."""
        step, ledger = self.story.steps[n], self.ledger
        what = step.what
        if isinstance(what, Pause):
            ledger.advance()
        elif isinstance(what, Publish):
            ledger.publish(
                what.rules,
                effective_from=at,
                by=self.actor,
                approved_by=f"{self.actor}'s approver",
                retroactive="late notice",
            )
        elif isinstance(what, Enter):
            self._enter(what, step, n, at)
        else:
            self._mark(what, step, at)

    def _enter(self, what: Enter, step: Step, n: int, at: datetime) -> None:
        told = what.what
        kind = subject_of(self.parts, type(told[0] if isinstance(told, tuple) else told))
        command = self._tellers[kind].tell(told) if isinstance(told, tuple) else told
        who = CUSTOMERS[step.who]
        self.ledger.execute(
            who if kind == "customer" else f"{kind}-{who}",
            command,
            actor=self.actor,
            reason="late",
            occurred_at=at,
            happened=step.happened or isinstance(told, tuple),
            command_id=f"step {n}",
        )

    def _mark(self, what: Correct | Void, step: Step, at: datetime) -> None:
        told = [
            e
            for stream in self.streams()
            if self.name_of(stream).endswith(CUSTOMERS[step.who])
            for e in self.ledger.store.entries(stream)
            if e.kind in ("fact", "act") and e.name not in _NOT_MARKED
        ]
        if not told:
            return
        entry = told[what.nth % len(told)]
        if isinstance(what, Void):
            self.ledger.void(entry.id, actor=self.actor, reason="never happened")
            return
        patch = {field: value for name, field, value in what.patches if name == entry.name}
        self.ledger.correct(
            entry.id,
            patch,
            actor=self.actor,
            reason="wrong",
            effective_from=None if patch else at,
        )

    # ------------------------------------------------------------ asking

    def close(self) -> None:
        """Close the ledger."""
        self.ledger.close()

    def streams(self) -> list[str]:
        """Return the story's streams: the customers' first, in their order, then the others'."""
        heads = [
            h for h in self.ledger.store.streams(None, "", 1000) if h.subject != RULES_SUBJECT and h.version
        ]
        return [h.stream for h in sorted(heads, key=lambda h: self.name_of(h.stream))]

    def every_stream(self) -> list[str]:
        """Return the story's streams and that of its rule sets, which read models may fold too."""
        return [h.stream for h in self.ledger.store.streams(None, "", 1000) if h.version]

    def names(self) -> set[str]:
        """Return the stored names of everything that was entered."""
        return {row.name for stream in self.streams() for row in self.rows(stream)}

    def subject(self, stream: str) -> str:
        """Return what kind of stream it is."""
        return self.ledger.store.heads([stream])[stream].subject

    def name_of(self, stream: str) -> str:
        """Return what a stream is called in the story."""
        if not self._names:
            self._names = {s: name for name in CUSTOMERS if (s := self.ledger.find(name)) is not None}
        return self._names.get(stream, stream)

    def rows(self, stream: str) -> list[FoldRow]:
        """Return a stream's rows."""
        return self.ledger.store.fold_rows(stream)

    def transactions(self, stream: str) -> list[list[FoldRow]]:
        """Return a stream's rows, transaction by transaction."""
        groups: list[list[FoldRow]] = []
        last: object = object()
        for entry, row in zip(self.ledger.store.entries(stream), self.rows(stream), strict=True):
            if entry.correlation != last:
                groups.append([])
                last = entry.correlation
            groups[-1].append(row)
        return groups

    def event(self, stream: str, row: FoldRow) -> Event | None:
        """Return the event of a row."""
        return self.ledger.codec.decode(row.name, row.schema_version, row.payload, stream, row.version)

    def head(self, stream: str, row: FoldRow) -> str:
        """Say where a row stands: customer, place, moment and name."""
        at = instant(row.effective_from, self.ledger.tz)
        return f"{self.name_of(stream)} #{row.version}, {at:%Y-%m-%d %H:%M}, {row.name}"

    def entry(self, stream: str, row: FoldRow) -> str:
        """Say which entry a row is: customer, place, moment, event."""
        return f"{self.head(stream, row)}: {self.event(stream, row)!r}"

    def entry_of(self, event: Any) -> str | None:
        """Say which entry an event is, if it is one."""
        for stream in self.streams():
            for row in self.rows(stream):
                if row.name == getattr(event, "stored_name", "") and self.event(stream, row) == event:
                    return self.entry(stream, row)
        return None

    def entry_at(self, head: str) -> str | None:
        """Say which entry stands where ``head`` says."""
        for stream in self.streams():
            for row in self.rows(stream):
                if head.startswith(self.head(stream, row) + ":"):
                    return self.entry(stream, row)
        return None

    def first_of(self, kinds: Sequence[type[Any]]) -> str | None:
        """Say which is the first entry of some event classes."""
        names = {k.stored_name for k in kinds}
        for stream in self.streams():
            for row in self.rows(stream):
                if row.name in names:
                    return self.entry(stream, row)
        return None

    def tables(self) -> dict[str, list[tuple[str, Any]]]:
        """Return the rows of every read model as they stand, with the streams' names of the story."""
        reporting = self.ledger.reporting
        reader = reporting.projector.reader()
        names = {s: self.name_of(s) for s in self.streams()}
        return {
            m.name: sorted(((names.get(s, s), row) for s, row in reader.rows(m)), key=repr)
            for m in self.models()
        }

    def report(self, name: str, **cut: Any) -> ReportResult:
        """Return a report at a cut, as the one who tells the story may see it."""
        return self.ledger.as_actor(self.actor).report(name, **cut)

    def models(self) -> list[Any]:
        """Return the plugin's own read models."""
        return list(self.parts.read_models)

    def cuts(self) -> list[dict[str, Any]]:
        """Return some cuts to ask at: now, the story's middle, and what was known then."""
        middle = START + (self.now - START) / 2
        return [{}, {"as_of": middle}, {"as_known": middle}]


def stamp_of(moment: datetime) -> str:
    """Return a moment as text that a cut takes."""
    return stamp(moment)


_NOT_MARKED = {*(e.stored_name for e in MECHANISM), FileOpened.stored_name}


def told_whole(parts: Parts, story: Story, *, projecting: bool = True, **options: Any) -> Told:
    """Return a story told from beginning to end; read models are kept level after each step."""
    told = Told(parts, story, **options)
    project = told.ledger.reporting.project if projecting and parts.read_models else None
    try:
        told.begin()
        told.tell(after=None if project is None else lambda _: project())
        with suppress(GuanxiError):
            told.finish()
        if project is not None:
            project()
    except BaseException:
        told.close()
        raise
    return told


@contextmanager
def telling(parts: Parts, story: Story, **options: Any) -> Generator[Told]:
    """Yield a story told from beginning to end, and close its ledger."""
    told = told_whole(parts, story, **options)
    try:
        yield told
    finally:
        told.close()
