"""Entries on the screen: one block each, saying when, what, who and why, and what became of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from rich.table import Table
from rich.text import Text

from guanxi import Label, Ledger, Line
from guanxi.kernel.access import let_in
from guanxi.kernel.standard import EntryCorrected, EntryVoided
from guanxi.kernel.times import DAY, instant
from guanxi.relationship import ImportBatchOpened
from guanxi.relationship.import_batches import import_stream
from guanxi_adapters.cli import screen
from guanxi_adapters.cli.language import colon, say, spoken
from guanxi_adapters.cli.screen import BETWEEN
from guanxi_adapters.cli.wording import ROLES, Wording, clean, portable

STANDING = "in force"
STYLES = {
    "replaced": "yellow",
    "withdrawn": "yellow",
    "corrected": "yellow",
    "voided": "red",
    "pending": "cyan",
    "opaque": "magenta",
}

_TOKEN = re.compile(r"[0-9a-f]{32}")
"""What stands for the document of a source that numbers nothing: of use to programs alone."""

_SAME_MOMENT = timedelta(minutes=1)


class EntryBlocks:
    """Shows lines of one customer's history.

    Args:
        ledger: where they are kept.
        wording: how their values are said.
        lines: all lines of the history, so that one may name another.
        roles: which fields to show; see ``Wording.fields``.
    """

    def __init__(
        self, ledger: Ledger, wording: Wording, lines: Iterable[Line], roles: Sequence[str] = ROLES
    ) -> None:
        self.wording, self._roles = wording, roles
        self.by_id = {line.id: line for line in lines}
        self._titles: Mapping[str, Label] = {name: c.title for name, c in ledger.rule_book().classes.items()}
        self._codec = ledger.codec
        self._batches = _batch_reasons(ledger, self.by_id.values())

    def blocks(self, lines: Sequence[Line], more: Mapping[str, Sequence[Text]] | None = None) -> Table:
        """Return lines one below the other, a blank line wherever the moment changes.

        Args:
            lines: which, in order.
            more: further lines of text by entry id, shown below what the entry holds.
        """
        table = Table.grid(padding=(0, screen.GAP, 0, 0))
        table.add_column(justify="right", style=screen.QUIET, no_wrap=True)
        table.add_column(no_wrap=True)
        table.add_column(overflow="fold", ratio=1)
        before = None
        for line in lines:
            if before not in (None, line.effective_from):
                table.add_row()
            before = line.effective_from
            table.add_row(
                self.wording.number(line.id), self.when(line), self.block(line, (more or {}).get(line.id, ()))
            )
        return table

    def block(self, line: Line, more: Sequence[Text] = ()) -> Text:
        """Return one entry's own lines: title and status, what it holds, who and why."""
        holds, behind = (screen.unbroken(text) for text in (self.holds(line), self.behind(line)))
        parts = [self.title(line), Text(holds), *more, Text(behind, style=screen.QUIET)]
        return Text("\n").join(p for p in parts if p.plain)

    def when(self, line: Line) -> str:
        """Return from when an entry counts: a day, where no more was told."""
        if line.entry is not None and line.entry.precision == DAY:
            return f"{line.effective_from:%Y-%m-%d}"
        return self.wording.moment(line.effective_from)

    def title(self, line: Line) -> Text:
        """Return what an entry is, and its status where it does not simply stand."""
        name = Text(self.wording.label(line.name), style=screen.HEADING)
        return (
            name
            if line.status == STANDING and not line.without_ground
            else name + Text(" — " + self.status(line), style=STYLES.get(line.status, ""))
        )

    def status(self, line: Line) -> str:
        """Return what became of an entry."""
        if line.status == "opaque":
            return say("unreadable: its plugin is not installed")
        if line.replaced_by is not None:
            by = self.wording.entry(line.replaced_by)
            return {
                "replaced": say("replaced by {entry}", entry=by),
                "withdrawn": say("withdrawn by {entry}", entry=by),
                "corrected": say("corrected by {entry}", entry=by),
                "voided": say("voided by {entry}", entry=by),
            }.get(line.status, line.status)
        if line.without_ground:
            return say("without ground")
        return {
            "pending": say("due, not written down yet"),
        }.get(line.status, say("in force"))

    def holds(self, line: Line) -> str:
        """Return what an entry says, in words."""
        target = line.entry.target if line.entry is not None else None
        if target is not None:
            return self._mark(line, target)
        if line.event is None:
            return ""
        return self.wording.fields(line.event, self._roles)

    def _mark(self, line: Line, target: str) -> str:
        """Say what a correction or a void did, and to which entry."""
        marked = self.by_id.get(target)
        parts = [
            f"{self.wording.entry(target)} {self.wording.label(marked.name)}"
            if marked
            else self.wording.entry(target)
        ]
        event = line.event
        if isinstance(event, EntryCorrected):
            parts += self._patched(event, line)
            if event.effective_from is not None:
                moved = instant(event.effective_from, self.wording.tz)
                parts.append(say("counts from {moment}", moment=self.wording.moment(moved)))
            if event.days_from is not None:
                parts.append(say("only from {first} to {last}", first=event.days_from, last=event.days_until))
        return BETWEEN.join(parts)

    def _patched(self, event: EntryCorrected, line: Line) -> list[str]:
        """Say what a correction changed: each field as it was right before, and as it was from then on."""
        base, patches = self._corrected_before(line)
        if base is None or base.fields is None or base.event is None or event.target_name != base.name:
            words = self.wording.owned(event.target_name)
            return [f"{words.label(k)} → {words.value(v)}" for k, v in event.fields.items()]
        before = {**base.fields, **patches}
        wrong = self._codec.build(base.name, before) if patches else base.event
        right = self._codec.build(base.name, {**before, **event.fields})
        words = self.wording.owned(base.name)
        return [
            f"{words.label(k)} {words.value(getattr(wrong, k, None))} → " + words.value(getattr(right, k, v))
            for k, v in event.fields.items()
        ]

    def _corrected_before(self, line: Line) -> tuple[Line | None, dict[str, Any]]:
        """Return what a correction is about in the end, and what corrections that stood when it came had put right in it."""
        base = self._base(line)
        if base is None:
            return None, {}
        earlier = [
            x
            for x in self.by_id.values()
            if x.entry is not None and x.entry.target is not None and _turn(x) < _turn(line)
        ]
        voided = {x.entry.target for x in earlier if x.entry and x.name == EntryVoided.stored_name}
        patches: dict[str, Any] = {}
        for x in sorted(earlier, key=_turn):
            stood = isinstance(x.event, EntryCorrected) and x.id not in voided and x.event.days_from is None
            if stood and isinstance(x.event, EntryCorrected) and self._base(x) is base:
                patches.update(x.event.fields)
        return base, patches

    def _base(self, line: Line) -> Line | None:
        """Return the entry that a mark is about, through marks that it is about itself."""
        found: Line | None = line
        while found is not None and found.entry is not None and found.entry.target is not None:
            found = self.by_id.get(found.entry.target)
        return found

    def behind(self, line: Line) -> str:
        """Return who stands behind an entry and why: a person with a reason, or a rule with its version."""
        parts = [
            self._rule(line) if line.kind == "decision" else self.person(line),
            self._source(line),
            self._known(line),
        ]
        return BETWEEN.join(p for p in parts if p)

    def person(self, line: Line) -> str:
        """Return who entered a line, for whom and why."""
        entry = line.entry
        if entry is None:
            return ""
        actor = clean(entry.actor)
        if entry.on_behalf_of:
            actor = say("{actor} for {other}", actor=actor, other=clean(entry.on_behalf_of))
        reason = line.reason or self._batches.get(entry.batch or "")
        return f"{actor}{colon()}{clean(str(reason))}" if reason else actor

    def _rule(self, line: Line) -> str:
        parts = [line.rule or "", *(self.rule_set(n, v) for n, v in (line.rule_sets or {}).items())]
        if line.causation and line.causation != line.id:
            parts.append(say("from {entry}", entry=self.wording.entry(line.causation)))
        return BETWEEN.join(p for p in parts if p)

    def rule_set(self, name: str, version: int) -> str:
        """Return a rule set's title and version in words."""
        title = self._titles.get(name)
        called = title(spoken()) if title else name
        return f"{called} v{version}" if version > 0 else say("{rules}, default values", rules=called)

    def _source(self, line: Line) -> str:
        entry = line.entry
        if entry is None or entry.source_system is None:
            return ""
        system, document = clean(entry.source_system), clean(entry.source_document or "")
        if not document or _TOKEN.search(document):
            return system
        return " ".join(
            [
                system,
                document,
                *([say("line {number}", number=clean(entry.source_line))] if entry.source_line else []),
            ]
        )

    def _known(self, line: Line) -> str:
        """Say when an entry was written down, where that was not when it happened."""
        if line.recorded_at is None or line.entry is None:
            return ""
        apart = abs(line.recorded_at - line.effective_from) >= _SAME_MOMENT
        if not apart:
            return ""
        at = self.wording.moment(line.recorded_at)
        if line.kind == "decision":
            told = self.trigger(line)
            with_it = told is not None and told.id != line.causation and told.kind != "decision"
            return (
                say("recorded {moment} with {entry}", moment=at, entry=self.wording.entry(told.id))
                if told and with_it
                else say("recorded {moment}", moment=at)
            )
        return (
            say("recorded late, {moment}", moment=at)
            if line.entry.late and line.entry.target is None
            else say("recorded {moment}", moment=at)
        )

    def trigger(self, line: Line) -> Line | None:
        """Return what set off an entry: the first of its transaction, or the only late line of its batch."""
        entry = line.entry
        if entry is None:
            return None
        if entry.batch is not None:
            late = [other for other in self.by_id.values() if _told_late(other, entry.batch)]
            return late[0] if len(late) == 1 else None
        first = entry.correlation
        return self.by_id.get(first) if first not in (None, line.id) else None

    def batch(self, line: Line) -> str:
        """Return the batch that brought an entry, and why it was imported."""
        name = (line.entry.batch if line.entry is not None else None) or ""
        return f"{clean(name)}{colon()}{clean(self._batches[name])}" if name in self._batches else clean(name)


def _batch_reasons(ledger: Ledger, lines: Iterable[Line]) -> dict[str, str]:
    """Return why batches were imported, which is said once for all of their lines."""
    systems = {line.entry.source_system for line in lines if line.entry is not None and line.entry.batch}
    reasons: dict[str, str] = {}
    for system in sorted(s for s in systems if s):
        with let_in():  # what an import was for is said beside its lines, which the reader was let in to
            entries = ledger.store.entries(import_stream(system))
        for e in entries:
            event = ledger.codec.decode(e.name, e.schema_version, e.payload, e.stream, e.version)
            if isinstance(event, ImportBatchOpened):
                reasons[event.batch] = event.reason
    return reasons


def _told_late(line: Line, batch: str) -> bool:
    entry = line.entry
    return entry is not None and entry.batch == batch and bool(entry.late) and line.kind != "decision"


def _turn(line: Line) -> int:
    """Return where a line stands in its stream."""
    return 0 if line.entry is None else line.entry.version


def plain_line(line: Line) -> dict[str, Any]:
    """Return a line as JSON data."""
    e = line.entry
    return {
        "id": line.id,
        "kind": line.kind,
        "name": line.name,
        "status": line.status,
        "without_ground": line.without_ground,
        "replaced_by": line.replaced_by,
        "effective_from": line.effective_from.isoformat(),
        "occurred_at": e.occurred_at if e else None,
        "precision": e.precision if e else None,
        "recorded_at": line.recorded_at.isoformat() if line.recorded_at else None,
        "late": bool(e.late) if e else False,
        "fields": portable(line.fields),
        "actor": e.actor if e else None,
        "on_behalf_of": e.on_behalf_of if e else None,
        "reason": line.reason,
        "rule": line.rule,
        "rule_sets": line.rule_sets,
        "causation": line.causation,
        "target": e.target if e else None,
        "source": {"system": e.source_system, "document": e.source_document, "line": e.source_line}
        if e and e.source_system
        else None,
        "batch": e.batch if e else None,
        "position": e.position if e else None,
    }
