"""Access: the one door at which every public reading and writing call of a ledger asks whether its actor may."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Literal, Protocol, get_args

import attrs

from guanxi.kernel.errors import (
    Incomplete,
    NotPermitted,
    PluginError,
    Refusal,
    StoreError,
    failures_named,
    name_of_handler,
)
from guanxi.kernel.rules import RuleBook

if TYPE_CHECKING:
    from guanxi.kernel.ledger import Ledger

ReadingOperation = Literal[
    "history",
    "relationship",
    "find",
    "find_by",
    "recognise",
    "look_up",
    "search",
    "report",
    "whole_view",
    "due_items",
    "subscribe",
    "check_determinism",
    "rederive",
    "what_if",
]
"""The public calls that ask, and only show something: a ledger's, and look-ups that are made with one."""

WritingOperation = Literal[
    "execute",
    "take_in",
    "correct",
    "void",
    "link",
    "unlink",
    "publish",
    "withdraw_rules",
    "run",
]
"""Those that put something on record."""

Operation = WritingOperation | ReadingOperation
"""The public calls of a ledger that ask."""

READING: frozenset[str] = frozenset(get_args(ReadingOperation))


@attrs.frozen
class Actor:
    """Who calls, for all calls through one view of a ledger; see ``Ledger.as_actor``.

    Args:
        name: who it is.
        on_behalf_of: for whom he acts; a system agent has at most that person's rights.
        section: business unit he acts for.
        channel: where it comes in, such as ``call`` for the customer who is on the line.
    """

    name: str
    on_behalf_of: str | None = None
    section: str | None = None
    channel: str | None = None


NOBODY = Actor("")
"""Who calls where nobody said so."""


@attrs.frozen
class Attempt:
    """One call that asks, before anything is read for it.

    Args:
        operation: the ledger's method.
        actor: who calls; ``NOBODY`` where nobody said so.
        subject: account number or stream id that it is about; None for what goes over many files.
        command: what is ordered or told.
        name: of the report, run, rule set, event or identifier scheme that it is about.
        parameters: what narrows it, such as ``section``.
        entry: the entry that is corrected or voided.
        happened: whether the command tells what has already happened.
        claimed: in whose name a view calls where that is not its actor's; refused in any case, and shown only to be kept.
    """

    operation: Operation
    actor: Actor
    subject: str | None = None
    command: Any = None
    name: str | None = None
    parameters: Mapping[str, Any] = attrs.field(factory=dict)
    entry: str | None = None
    happened: bool = False
    claimed: str | None = None

    @property
    def reads(self) -> bool:
        """Whether it only asks to see something."""
        return self.operation in READING

    @property
    def asked(self) -> str:
        """What it asks for, in one word: the command's name, the report's, or the operation's."""
        return self.command.stored_name if self.command is not None else self.name or self.operation


class Access(Protocol):
    """Decides who may do what. A plugin or the core hands one over as ``Parts.access``; all of them have to agree."""

    def in_force(self, book: RuleBook, at: str) -> bool:
        """Return whether it has a say at all; cheap, since every call asks. Without published rules nothing is refused.

        Anything but True and False is refused as ``access_undecided``: a forgotten ``return`` leaves no door open.

        Args:
            book: the rule sets published so far.
            at: stamp of now.
        """
        ...

    def admit(self, ledger: Ledger, attempt: Attempt) -> None:
        """Return when the actor may, having put on record what has to be; what it reads for that is not asked about again.

        It says no by raising, never by what it returns: a call about which it returns anything is not carried out, and
        ``access_undecided`` names the method.

        Raises:
            Refusal: he may not. What it is ``keeping`` is put on record, then it reaches the caller.
        """
        ...


_inside: ContextVar[bool] = ContextVar("guanxi_inside", default=False)
"""Whether a call that was let in is under way: what it calls in turn is not asked about again."""


@contextmanager
def let_in() -> Generator[None]:
    """Let calls go through unasked: those that a call which was let in makes in turn, and the software's own."""
    token = _inside.set(True)
    try:
        yield
    finally:
        _inside.reset(token)


class Door:
    """Where the calls of one ledger ask.

    Args:
        accesses: who has a say.
        keep: puts on record what a refusal leaves behind: ``keep(refusal, actor)``.
        book: gives the rule sets published so far.
        now: gives the stamp of now.
    """

    def __init__(
        self,
        accesses: Sequence[Access],
        keep: Callable[[Refusal, Actor], None],
        book: Callable[[], RuleBook],
        now: Callable[[], str],
    ) -> None:
        self._accesses, self._keep, self._book, self._now = tuple(accesses), keep, book, now

    def guarded(self, book: RuleBook | None = None) -> tuple[Access, ...]:
        """Return who has a say now; nobody where no access rules are in force, or within a call that was let in."""
        if not self._accesses or _inside.get():
            return ()
        at, book = self._now(), book or self._book()
        return tuple(a for a in self._accesses if _in_force(a, book, at))

    def ask(
        self,
        ledger: Ledger,
        operation: Operation,
        actor: Actor | None = None,
        *,
        book: RuleBook | None = None,
        **about: Any,
    ) -> None:
        """Return when the call may go on.

        Args:
            ledger: what is called: the ledger, or somebody's view of it.
            operation: its method.
            actor: who calls, where the call itself says so; the view's otherwise.
            book: the rule sets published so far, where the caller has them at hand.
            **about: what the attempt is about; see ``Attempt``.

        Raises:
            Incomplete: ``actor_missing`` where access rules are in force and nobody says who calls.
            NotPermitted: ``not_authorised`` for a view that calls in another's name.
            Refusal: whatever the access rules say.
            PluginError: ``access_undecided`` or ``handler_failed`` where one that has a say fails; the call does not go on.
        """
        caller = ledger.acting
        try:
            who = _one(caller, actor)
        except NotPermitted as refusal:
            self._keep_claim(refusal, ledger, operation, actor, book, about)
            raise
        guards = self.guarded(book)
        if not guards:
            return
        if who is NOBODY or not who.name.strip():
            raise Incomplete(
                "actor_missing",
                f"access rules are in force, and nobody says who asks for {operation}",
                zh=f"访问规则已生效，但未说明由谁执行 {operation}",
                rule="CORE-67",
                accepts='ledger.as_actor("...")',
            )
        attempt = Attempt(operation, who, **about)
        try:
            with let_in():
                for access in guards:
                    _admit(access, ledger, attempt)
        except Refusal as refusal:
            try:
                self._keep(refusal, who)
            except (
                StoreError
            ) as error:  # as when the host's own transaction holds the store: he is refused all the same
                refusal.add_note(f"the attempt could not be kept: {error}")
            raise

    def _keep_claim(
        self,
        refusal: NotPermitted,
        ledger: Ledger,
        operation: Operation,
        named: Actor | None,
        book: RuleBook | None,
        about: Mapping[str, Any],
    ) -> None:
        """Keep what those with a say leave behind of a view's call in another's name, under the view's own actor."""
        caller = ledger.acting
        guards = self.guarded(book)
        if not guards or caller is None or named is None:
            return
        claimed = named.name if named.name != caller.name else named.on_behalf_of
        attempt = Attempt(operation, caller, claimed=claimed, **about)
        for access in guards:
            try:
                with let_in():
                    _admit(access, ledger, attempt)
            except Refusal as theirs:
                refusal.keeping(*refusal.kept, *theirs.kept)
        try:
            self._keep(refusal, caller)
        except StoreError as error:
            refusal.add_note(f"the attempt could not be kept: {error}")

    def allows(self, ledger: Ledger, operation: Operation, **about: Any) -> bool:
        """Return whether the view's actor may see one part of what he was let in to; that he may not is no attempt.

        Args:
            ledger: the ledger, or somebody's view of it.
            operation: its method.
            **about: what the part is; see ``Attempt``.
        """
        guards = self.guarded()
        if not guards:
            return True
        attempt = Attempt(operation, ledger.acting or NOBODY, **about)
        try:
            with let_in():
                for access in guards:
                    _admit(access, ledger, attempt)
        except Refusal:
            return False
        return True


def ask(ledger: Ledger, operation: Operation, **about: Any) -> None:
    """Return when a ledger, or somebody's view of it, may be asked for something that is no method of its own, such as a look-up.

    Args:
        ledger: the ledger, or somebody's view of it.
        operation: what is asked for.
        **about: what the attempt is about; see ``Attempt``.

    Raises:
        Incomplete: ``actor_missing`` where access rules are in force and nobody says who asks.
        Refusal: whatever the access rules say; what it is ``keeping`` is put on record.
    """
    ledger._door.ask(ledger, operation, **about)


def allows(ledger: Ledger, operation: Operation, **about: Any) -> bool:
    """Return whether a view's actor may see one part of what he was let in to; what he sees is put on record, a no is not.

    Args:
        ledger: the ledger, or somebody's view of it.
        operation: what is asked for.
        **about: what the part is; see ``Attempt``.
    """
    return ledger._door.allows(ledger, operation, **about)


def guarded(ledger: Ledger) -> bool:
    """Return whether access rules are in force here, and this is not within a call that was let in.

    Args:
        ledger: the ledger, or somebody's view of it.
    """
    return bool(ledger._door.guarded())


def _in_force(access: Access, book: RuleBook, at: str) -> bool:
    handler: Callable[..., Any] = access.in_force
    with failures_named("whether access rules are in force"):
        says = handler(book, at)
    if not isinstance(says, bool):
        raise _undecided(handler, says, "whether it is in force", "是否生效", "True or False")
    return says


def _admit(access: Access, ledger: Ledger, attempt: Attempt) -> None:
    handler: Callable[..., Any] = access.admit
    with failures_named(attempt.asked):  # neither a yes nor a no: nothing is let in
        says = handler(ledger, attempt)
    if says is not None:  # False is meant as a no, and True would have the next author take False for one
        raise _undecided(
            handler, says, attempt.asked, attempt.asked, "None to let in; NotPermitted(...) raised to refuse"
        )


def _undecided(
    handler: Callable[..., Any], says: object, about: str, about_zh: str, accepts: str
) -> PluginError:
    """Return the error of one that has a say and neither lets in nor refuses."""
    where = name_of_handler(handler)
    what = repr(says) if says is None or isinstance(says, bool) else f"a {type(says).__name__}"
    return PluginError(
        "access_undecided",
        f"{where} was asked about {about} and returned {what}; nobody is let in",
        zh=f"{where} 就 {about_zh} 返回了 {what}；不予放行",
        rule="CORE-67",
        accepts=accepts,
    )


def _one(caller: Actor | None, named: Actor | None) -> Actor:
    """Return who calls: the view's actor, who acts in nobody else's name, or the one that the call names.

    A view that acts for one person acts for no other.
    """
    if caller is None:
        return named or NOBODY
    if named is not None:
        for_whom(caller, named.on_behalf_of)
    if named is None or named.name == caller.name:
        return caller if named is None else attrs.evolve(caller, **_said(named))
    raise NotPermitted(
        "not_authorised",
        f"this view of the ledger is {caller.name}'s, and the call names {named.name}",
        zh=f"此视图属于 {caller.name}，而调用以 {named.name} 的名义",
        rule="CORE-67",
        accepts=f"actor={caller.name!r}, or a view of the other's own",
    )


def for_whom(caller: Actor, person: str | None) -> str | None:
    """Return for whom a view's actor acts: as the view says, or the person named where it says nobody.

    Args:
        caller: the view's actor.
        person: who is named.

    Raises:
        NotPermitted: ``not_authorised`` where the view acts for somebody else.
    """
    if person is None or caller.on_behalf_of in (None, person):
        return person or caller.on_behalf_of
    raise NotPermitted(
        "not_authorised",
        f"this view of the ledger acts for {caller.on_behalf_of}, and the call names {person}",
        zh=f"此视图代表 {caller.on_behalf_of}，而调用指名代表 {person}",
        rule="CORE-67",
        accepts=f"on_behalf_of={caller.on_behalf_of!r}, or a view of the ledger's own",
    )


def _said(actor: Actor) -> dict[str, Any]:
    return {k: v for k, v in attrs.asdict(actor).items() if v is not None}
