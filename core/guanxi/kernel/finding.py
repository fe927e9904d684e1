"""Finds the stream that a subject names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs

from guanxi.kernel.absence import absence
from guanxi.kernel.desk import CUSTOMER, Desk, unknown_customer
from guanxi.kernel.errors import Unknown
from guanxi.kernel.messages import Command
from guanxi.kernel.telling import ACCOUNT


@attrs.define(eq=False, slots=False)
class Finding:
    """Finds the streams of one ledger.

    Args:
        desk: what the ledger works with.
    """

    _desk: Desk

    def find(self, subject: str, connection: Any = None) -> str | None:
        """Return the stream of an account number (or of a stream's own id), or None."""
        token = self._desk.sealing.token(ACCOUNT, subject)
        held = self._desk.store.holders([(ACCOUNT, token)], connection).get((ACCOUNT, token))
        if held is not None:
            return held
        head = self._desk.store.heads([subject], connection).get(subject)
        return subject if head is not None and head.subject == CUSTOMER else None

    def find_all(self, subjects: Sequence[str], connection: Any = None) -> dict[str, str]:
        """Return the streams of those account numbers (or streams' own ids) that there are, in few round trips."""
        tokens = {s: (ACCOUNT, self._desk.sealing.token(ACCOUNT, s)) for s in subjects}
        holders = self._desk.store.holders(list(tokens.values()), connection)
        found = {s: holders[t] for s, t in tokens.items() if t in holders}
        heads = self._desk.store.heads([s for s in tokens if s not in found], connection)
        found.update({s: s for s, head in heads.items() if head.subject == CUSTOMER})
        return found

    def find_by(self, scheme: str, value: str) -> list[str]:
        """Return the streams that hold an external id; several may hold one that is claimed in an advisory way only."""
        key = (scheme, self._desk.sealing.token(scheme, value))
        return list(self._desk.store.sharers([key]).get(key, ()))

    def subject_kind(self, command: Command) -> str:
        """Return the kind of subject that a command is for."""
        kind = self._desk.house.deciders.get(type(command))
        if kind is None:
            note = absence(self._desk.keeper.installed, type(command).stored_name)
            raise Unknown(
                "unknown_command",
                f"no installed facet decides {type(command).__name__}{note.en}",
                zh=f"没有安装可处理 {type(command).__name__} 的模块{note.zh}",
                accepts=", ".join(sorted(c.stored_name for c in self._desk.house.deciders))
                or "none: no facet is installed",
            )
        return kind

    def stream_of(self, subject: str, command: Command, kind: str, connection: Any) -> str:
        """Return the stream a command is for; a new one for a command that opens a file."""
        if kind != CUSTOMER:
            return subject
        stream = self.find(subject, connection)
        if stream is not None:
            return stream
        if not type(command).opens_file:
            raise unknown_customer(subject)
        return self._desk.backend.new_id()
