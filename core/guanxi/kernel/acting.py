"""One person's view of a ledger: the same log, asked and written in his name."""

from __future__ import annotations

from typing import Any

from guanxi.kernel.access import Actor
from guanxi.kernel.errors import NotPermitted
from guanxi.kernel.ledger import Ledger
from guanxi.kernel.messages import Command
from guanxi.kernel.runs.running import RunView
from guanxi.kernel.telling import Outcome


class Acting(Ledger):
    """A ledger as one actor has it, made by ``Ledger.as_actor``: every call is in his name, and asks whether he may.

    It shares everything with its ledger, and closing it closes nothing.

    Args:
        ledger: whose view it is.
        actor: in whose name.
    """

    def __init__(self, ledger: Ledger, actor: Actor) -> None:
        vars(self).update(vars(ledger))
        self.acting = actor

    def close(self) -> None:
        """Leave the ledger open for the others."""

    def execute(
        self,
        subject: str,
        command: Command,
        *,
        actor: str | None = None,
        on_behalf_of: str | None = None,
        channel: str | None = None,
        section: str | None = None,
        **keywords: Any,
    ) -> Outcome:
        """Carry out a command in this actor's name; see ``Ledger.execute``."""
        mine = self._mine()
        return super().execute(
            subject,
            command,
            actor=actor or mine.name,
            on_behalf_of=on_behalf_of or mine.on_behalf_of,
            channel=channel or mine.channel,
            section=section or mine.section,
            **keywords,
        )

    def correct(
        self, entry: str, fields: Any = None, *, actor: str | None = None, **keywords: Any
    ) -> Outcome:
        """Set a wrong entry right in this actor's name; see ``Ledger.correct``."""
        return super().correct(entry, fields, actor=actor or self._mine().name, **keywords)

    def void(self, entry: str, *, actor: str | None = None, **keywords: Any) -> Outcome:
        """Void an entry in this actor's name; see ``Ledger.void``."""
        return super().void(entry, actor=actor or self._mine().name, **keywords)

    def link(self, subject: str, other: str, *, actor: str | None = None, **keywords: Any) -> Outcome:
        """Link another stream in this actor's name; see ``Ledger.link``."""
        return super().link(subject, other, actor=actor or self._mine().name, **keywords)

    def unlink(self, subject: str, other: str, *, actor: str | None = None, **keywords: Any) -> Outcome:
        """End a link in this actor's name; see ``Ledger.unlink``."""
        return super().unlink(subject, other, actor=actor or self._mine().name, **keywords)

    def run(self, name: str, *, actor: str | None = None, **keywords: Any) -> RunView:
        """Carry out a run in this actor's name; see ``Ledger.run``."""
        return super().run(name, actor=actor or self._mine().name, **keywords)

    def as_actor(
        self,
        name: str,
        *,
        on_behalf_of: str | None = None,
        section: str | None = None,
        channel: str | None = None,
    ) -> Acting:
        """Refuse another actor's view: it is the ledger's to give.

        Raises:
            NotPermitted: ``not_authorised`` for any other name than this actor's own.
        """
        if name != self._mine().name:
            raise NotPermitted(
                "not_authorised",
                f"this view is {self._mine().name}'s and gives none of {name}'s",
                zh=f"此视图属于 {self._mine().name}，不能取得 {name} 的视图",
                rule="CORE-67",
                accepts="as_actor of the ledger itself",
            )
        return super().as_actor(name, on_behalf_of=on_behalf_of, section=section, channel=channel)

    def _mine(self) -> Actor:
        assert self.acting is not None
        return self.acting
