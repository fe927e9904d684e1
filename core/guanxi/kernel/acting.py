"""One person's view of a ledger: the same log, asked and written in his name."""

from __future__ import annotations

from collections.abc import Collection, Generator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from guanxi.kernel.access import Actor, for_whom, guarded
from guanxi.kernel.entries import FoldRow
from guanxi.kernel.errors import NotPermitted
from guanxi.kernel.history import History
from guanxi.kernel.judging import Judgement, Linked
from guanxi.kernel.ledger import Ledger
from guanxi.kernel.messages import Command
from guanxi.kernel.projection import ProjectionSource
from guanxi.kernel.recording import Recorded
from guanxi.kernel.rederiving import Comparison, WhatIf
from guanxi.kernel.reports import ReportResult
from guanxi.kernel.runs.running import RunView
from guanxi.kernel.subscribing import Subscription
from guanxi.kernel.telling import Outcome

_asking: ContextVar[bool] = ContextVar("guanxi_asking", default=False)
"""Whether one of a view's own calls is under way, which has asked and reads what it was let in to."""

_READS = "history, search, find_by or subscribe of this view"


class _Shut:
    """What stands in place of a part that would be read without anybody being asked.

    Args:
        view: whose view.
        name: of the part.
        part: itself.
        shown: what of it everybody may see, since it tells of no customer.
        instead: the calls that ask.
    """

    def __init__(self, view: Acting, name: str, part: Any, shown: Collection[str], instead: str) -> None:
        self._view, self._name, self._part, self._shown, self._instead = view, name, part, shown, instead

    def __getattr__(self, name: str) -> Any:
        if name in self._shown:
            return getattr(self._part, name)
        raise _unasked(self._view, f"{self._name}.{name}", self._instead)


class _Behind:
    """A part of the ledger that lies behind the door: open while no access rules are in force, and to the view's own calls.

    Args:
        instead: the calls that ask, to be told to who wanted it.
        shown: what of it everybody may see.
    """

    def __init__(self, instead: str, shown: Collection[str] = ()) -> None:
        self._instead, self._shown = instead, shown
        self._name = ""

    def __set_name__(self, owner: type[Any], name: str) -> None:
        self._name = name

    def __get__(self, view: Any, owner: type[Any] | None = None) -> Any:
        if view is None:
            return self
        parts = vars(view)
        part = parts.get(self._name, parts.get(f"_{self._name}"))
        if _asking.get() or not guarded(view):
            return part
        return _Shut(view, self._name, part, self._shown, self._instead)

    def __set__(self, view: Any, part: Any) -> None:
        vars(view)[self._name] = part


class Acting(Ledger):
    """A ledger as one actor has it, made by ``Ledger.as_actor``: every call is in his name, and asks whether he may.

    It shares everything with its ledger, and closing it closes nothing. While access rules are in force it hands out nothing
    that could be read without asking: its store, its reporting and the like refuse, and name the calls that ask (CORE-67).

    Args:
        ledger: whose view it is.
        actor: in whose name.
    """

    store: Any = _Behind(_READS, ("tenant",))
    reporting: Any = _Behind(
        "report of this view; read models are kept level by the ledger itself", ("reports", "models", "find")
    )
    runs: Any = _Behind("run of this view; what came of runs is shown by reports", ("runs", "find"))
    backend: Any = _Behind(_READS)
    events: Any = _Behind(_READS)
    recorder: Any = _Behind(_READS)
    repository: Any = _Behind("relationship or history of this view")
    notification_log: Any = _Behind("subscribe of this view")

    def __init__(self, ledger: Ledger, actor: Actor) -> None:
        vars(self).update(vars(ledger))
        self.acting = actor
        self._ledger = ledger

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

    # ------------------------------------------------------------ asking

    def relationship(self, stream: str) -> Judgement:
        """Return the states of a stream as of now; see ``Ledger.relationship``."""
        with self._let_read():
            return super().relationship(stream)

    def history(self, subject: str) -> History:
        """Return a customer's history; see ``Ledger.history``."""
        with self._let_read():
            stream = super().history(subject).stream
        # Whoever was let in asks it at one cut after the other; each is read when it is asked for.
        return History(self._ledger, stream)

    def find(self, subject: str, connection: Any = None) -> str | None:
        """Return the stream of an account number, or None; see ``Ledger.find``.

        Raises:
            NotPermitted: he may not read that file, or might not if there were one; the attempt is kept (CORE-69).
        """
        if not _asking.get():
            self._door.ask(self, "find", subject=subject)
        return super().find(subject, connection)

    def find_all(self, subjects: Sequence[str], connection: Any = None) -> dict[str, str]:
        """Return the streams of those account numbers whose files he may read; see ``Ledger.find_all``.

        Those that he may not read are left out like those that there are not; the attempts are kept (CORE-69).
        """
        found = super().find_all(subjects, connection)
        if _asking.get() or not guarded(self):
            return found
        unknown = [s for s in dict.fromkeys(subjects) if s not in found][:1]  # one stands for all of them
        for subject in [*found, *unknown]:
            try:
                self._door.ask(self, "find", subject=subject)
            except NotPermitted:
                found.pop(subject, None)
        return found

    def search(self, **keywords: Any) -> list[Recorded]:
        """Return entries of all streams; see ``Ledger.search``."""
        with self._let_read():
            return super().search(**keywords)

    def report(self, name: str, **keywords: Any) -> ReportResult:
        """Return a report at a cut; see ``Ledger.report``."""
        with self._let_read():
            return super().report(name, **keywords)

    def subscribe(self, *arguments: Any, **keywords: Any) -> Subscription:
        """Return what is recorded behind a position; see ``Ledger.subscribe``."""
        with self._let_read():
            return super().subscribe(*arguments, **keywords)

    def check_determinism(self, *arguments: Any, **keywords: Any) -> Comparison:
        """Derive every stored decision again; see ``Ledger.check_determinism``."""
        with self._let_read():
            return super().check_determinism(*arguments, **keywords)

    def rederive(self, **keywords: Any) -> Comparison:
        """Derive every decision afresh; see ``Ledger.rederive``."""
        with self._let_read():
            return super().rederive(**keywords)

    def what_if(self, *arguments: Any, **keywords: Any) -> WhatIf:
        """Say what other rule sets would have decided; see ``Ledger.what_if``."""
        with self._let_read():
            return super().what_if(*arguments, **keywords)

    def linked(self, stream: str, rows: Sequence[FoldRow], connection: Any = None) -> Linked | None:
        """Return the rows of every stream that one ever linked; see ``Ledger.linked``.

        Raises:
            NotPermitted: ``not_authorised`` while access rules are in force: rows are read behind the door.
        """
        self._shut("linked", "history of this view, which shows what is linked")
        return super().linked(stream, rows, connection)

    def source(self) -> ProjectionSource:
        """Return what projectors read events with; see ``Ledger.source``.

        Raises:
            NotPermitted: ``not_authorised`` while access rules are in force: it reads every stream.
        """
        self._shut("source", "report of this view; read models are kept level by the ledger itself")
        return super().source()

    def follow(self, *arguments: Any, **keywords: Any) -> None:
        """Keep all read models level; see ``Ledger.follow``.

        Raises:
            NotPermitted: ``not_authorised`` while access rules are in force: that is the ledger's own work.
        """
        self._shut("follow", "follow of the ledger itself, which is in nobody's name")
        super().follow(*arguments, **keywords)

    def as_actor(
        self,
        name: str,
        *,
        on_behalf_of: str | None = None,
        section: str | None = None,
        channel: str | None = None,
    ) -> Acting:
        """Return this view with more said about how it came in; another actor's is the ledger's to give.

        Args:
            name: this actor's own.
            on_behalf_of: for whom he acts; nobody else than this view says, where it says somebody.
            section: business unit he acts for; this view's if not given.
            channel: where it comes in; this view's if not given.

        Raises:
            NotPermitted: ``not_authorised`` for any other name than this actor's own, or in behalf of somebody else (CORE-67).
        """
        if name != self._mine().name:
            raise NotPermitted(
                "not_authorised",
                f"this view is {self._mine().name}'s and gives none of {name}'s",
                zh=f"此视图属于 {self._mine().name}，不能取得 {name} 的视图",
                rule="CORE-67",
                accepts="as_actor of the ledger itself",
            )
        mine = self._mine()
        return Acting(
            self._ledger,
            Actor(name, for_whom(mine, on_behalf_of), section or mine.section, channel or mine.channel),
        )

    @contextmanager
    def _let_read(self) -> Generator[None]:
        """Open what lies behind the door to one of this view's own calls, which asks before it reads."""
        token = _asking.set(True)
        try:
            yield
        finally:
            _asking.reset(token)

    def _shut(self, name: str, instead: str) -> None:
        if not _asking.get() and guarded(self):
            raise _unasked(self, name, instead)

    def _mine(self) -> Actor:
        assert self.acting is not None
        return self.acting


def _unasked(view: Acting, name: str, instead: str) -> NotPermitted:
    """Return the refusal of what would be read without asking."""
    who = view._mine().name
    return NotPermitted(
        "not_authorised",
        f"access rules are in force, and {name} asks nobody: {who}'s view of the ledger does not give it",
        zh=f"访问规则已生效，而 {name} 不经授权检查，{who} 的视图不提供",
        rule="CORE-67",
        accepts=instead,
    )
