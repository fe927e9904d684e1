"""Reads the rule book: the rule sets that were published, kept until a further one is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from threading import RLock
from typing import Any

import attrs

from guanxi.kernel.desk import RULES_STREAM, Desk
from guanxi.kernel.entries import Entry, FoldRow
from guanxi.kernel.messages import Event
from guanxi.kernel.rules import Published, RuleBook, RuleSet, stored_rule_set
from guanxi.kernel.standard import EntryVoided, RuleSetPublished, RuleSetWithdrawn
from guanxi.kernel.times import instant


@attrs.frozen
class Withdrawal:
    """That a version was taken back before it came into force: when, by whom, who approved, and why."""

    recorded_at: datetime
    by: str
    approved_by: str
    reason: str | None
    entry: str


@attrs.frozen
class Publication:
    """A published version of a rule set with who stands behind it.

    Args:
        rule_set: its stored name.
        version: its number.
        effective_from: from when it is in force.
        recorded_at: when it was published.
        value: the values.
        by: who drafted it.
        approved_by: who approved it.
        reason: why, the change record.
        retroactive: why it takes effect in the past, where it does.
        entry: id of the entry that published it.
        withdrawn: how it was withdrawn, where it was.
    """

    rule_set: str
    version: int
    effective_from: datetime
    recorded_at: datetime
    value: RuleSet
    by: str
    approved_by: str
    reason: str | None
    retroactive: str | None
    entry: str
    withdrawn: Withdrawal | None = None


class RuleBooks:
    """The rule book of one ledger.

    Args:
        desk: what the ledger works with.
        classes: the rule sets' classes.
    """

    def __init__(self, desk: Desk, classes: Sequence[type[RuleSet]]) -> None:
        self._desk, self.classes = desk, tuple(classes)
        self._book: tuple[int, RuleBook] = (-1, RuleBook(self.classes))
        self._lock = RLock()

    @property
    def latest(self) -> str:
        """Moment of the latest publication seen."""
        return self._book[1].latest

    def book(self, connection: Any = None) -> RuleBook:
        """Return the rule sets published so far."""
        head = self._desk.store.heads([RULES_STREAM], connection).get(RULES_STREAM)
        version = head.version if head else 0
        with self._lock:
            if self._book[0] == version and connection is None:
                return self._book[1]
        rows = self._desk.store.fold_rows(RULES_STREAM, connection) if version else []
        book = RuleBook(self.classes, self._published(rows))
        if connection is None:
            with self._lock:
                self._book = (version, book)
        return book

    def _published(self, rows: Sequence[FoldRow]) -> list[Published]:
        """Return every version, those withdrawn included: what is known of them at a moment is the book's to say.

        A version whose publication was voided counts as withdrawn from then on.
        """
        classes = {c.stored_name: c for c in self.classes}
        found: dict[tuple[str, int], Published] = {}
        by_entry: dict[str, tuple[str, int]] = {}
        for r in rows:
            event, entry = self._decoded(r), f"{RULES_STREAM}/{r.version}"
            gone: tuple[str, int] | None = None
            if isinstance(event, RuleSetPublished) and event.rule_set in classes:
                by_entry[entry] = (event.rule_set, event.version)
                found[by_entry[entry]] = Published(
                    rule_set=event.rule_set,
                    version=event.version,
                    effective_from=r.effective_from,
                    recorded_at=r.recorded_at,
                    value=stored_rule_set(classes[event.rule_set], event.parameters, entry),
                    retroactive=event.retroactive,
                    entry=entry,
                    position=r.position,
                )
            elif isinstance(event, RuleSetWithdrawn):
                gone = (event.rule_set, event.version)
            elif isinstance(event, EntryVoided):
                gone = by_entry.get(r.target or "")
            if gone in found:
                found[gone] = attrs.evolve(
                    found[gone], withdrawn_at=r.recorded_at, withdrawal=entry, withdrawn_position=r.position
                )
        return list(found.values())

    def _decoded(self, r: FoldRow) -> Event | None:
        return self._desk.codec.decode(r.name, r.schema_version, r.payload, RULES_STREAM, r.version)

    def publications(self, name: str) -> tuple[Publication, ...]:
        """Return every version of a rule set with who stands behind it, in order of publication.

        Args:
            name: the rule set's stored name.
        """
        entries = {e.id: e for e in self._desk.store.entries(RULES_STREAM)}
        return tuple(self._told(p, entries) for p in self.book().versions(name))

    def _told(self, p: Published, entries: Mapping[str, Entry]) -> Publication:
        entry, tz = entries[p.entry], self._desk.tz
        gone = entries.get(p.withdrawal or "")
        return Publication(
            rule_set=p.rule_set,
            version=p.version,
            effective_from=instant(p.effective_from, tz),
            recorded_at=instant(p.recorded_at, tz),
            value=p.value,
            by=entry.actor,
            approved_by=self._signed(entry),
            reason=entry.reason,
            retroactive=p.retroactive,
            entry=p.entry,
            withdrawn=None
            if gone is None
            else Withdrawal(
                instant(gone.recorded_at, tz), gone.actor, self._signed(gone), gone.reason, gone.id
            ),
        )

    def _signed(self, e: Entry) -> str:
        event = self._desk.codec.decode(e.name, e.schema_version, e.payload, e.stream, e.version)
        return event.approved_by if isinstance(event, RuleSetPublished | RuleSetWithdrawn) else ""
