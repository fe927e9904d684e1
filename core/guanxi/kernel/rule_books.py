"""Reads the rule book: the rule sets that were published, kept until a further one is."""

from __future__ import annotations

from collections.abc import Sequence
from threading import RLock
from typing import Any

from guanxi.kernel.desk import RULES_STREAM, Desk
from guanxi.kernel.rules import Published, RuleBook, RuleSet, rule_set_from
from guanxi.kernel.standard import RuleSetPublished


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
        classes = {c.stored_name: c for c in self.classes}
        published: list[Published] = []
        rows = self._desk.store.fold_rows(RULES_STREAM, connection) if version else []
        for item in self._desk.timelines.build(RULES_STREAM, rows):
            event, r = item.event, item.row
            if isinstance(event, RuleSetPublished) and event.rule_set in classes:
                value = rule_set_from(classes[event.rule_set], event.parameters)
                published.append(
                    Published(
                        event.rule_set,
                        event.version,
                        item.effective,
                        r.recorded_at,
                        value,
                        event.retroactive,
                        f"{RULES_STREAM}/{r.version}",
                    )
                )
        book = RuleBook(self.classes, published)
        if connection is None:
            with self._lock:
                self._book = (version, book)
        return book
