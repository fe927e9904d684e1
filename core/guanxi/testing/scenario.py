"""Scenarios: what is told, what time brings, and what must follow, over a real ledger in memory with a clock of its own."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import Any

import attrs

import guanxi
from guanxi.kernel.errors import Refusal
from guanxi.kernel.facets import Facet
from guanxi.kernel.history import History
from guanxi.kernel.messages import Command, Decision, Event, fields_of
from guanxi.kernel.rules import RuleSet
from guanxi.kernel.standard import (
    MECHANISM,
    BreachFlagged,
    BreachRecorded,
    DecisionEnded,
    DecisionWithdrawn,
)
from guanxi.kernel.timeline import Cut, OrderKey, Origin
from guanxi.kernel.times import DEFAULT_ZONE, instant, read_instant, stamp
from guanxi.kernel.times import zone as zone_of
from guanxi.relationship import OpenFile
from guanxi.testing.telling_facts import CORE, Teller, as_parts

BEGINNING = "1901-01-01T00:00+00:00"
"""When a scenario's customer files are opened and its rule sets published."""


@attrs.frozen
class Withdrawn:
    """In ``then``: a decision drawn before this stretch has lost its ground.

    Args:
        decision: as it stood.
    """

    decision: Event


@attrs.frozen
class Ended:
    """In ``then``: a decision drawn before holds no longer, from its own day or a later one on.

    Args:
        decision: as it stood.
    """

    decision: Event


@attrs.frozen
class Breached:
    """In ``then``: something was kept although it broke a rule.

    Args:
        code: the rule's refusal code.
    """

    code: str


@attrs.frozen
class _Seen:
    """One thing that a stretch brought."""

    key: OrderKey
    effective: str
    what: Any
    version: int
    rule: str = ""
    """The rule that was broken, if one was."""


class Scenario:
    """What is told to one relationship, and what must follow.

    A refusal that nobody asked for fails the next step, and after the last step ``close``: write ``with Scenario(...) as s:``
    where a test ends with ``when``.

    Args:
        *parts: what is tried: facets, parts, or plugin objects. Bare facets bring the events and rule sets that their
            handlers' modules know under the same prefix.
        rules: rule sets in force from the beginning.
        zone: IANA zone in which texts such as ``"2012-01-30 10:00"`` are read; a bare date is its first instant.
        subject: the kind of stream.
        who: what the relationship is called.
    """

    def __init__(
        self,
        *parts: Any,
        rules: Iterable[RuleSet] = (),
        zone: str = DEFAULT_ZONE,
        subject: str = "customer",
        who: str = "C-1",
    ) -> None:
        self.subject, self.who = subject, who
        self._teller = Teller(subject)
        self._tz = zone_of(zone)
        self._refusal: Refusal | None = None
        self._now = datetime.fromisoformat(BEGINNING)
        self._given: set[int] = set()
        self._heard: set[int] = set()
        self._mark = 0
        self.ledger = guanxi.open(
            "sqlite://", plugins=[*as_parts(parts), self._teller.parts()], zone=zone, clock=lambda: self._now
        )
        self._finalizer = weakref.finalize(self, self.ledger.close)
        for one in rules:
            self.ledger.publish(one, effective_from=self._now, by="scenario", approved_by="scenario's reader")
        if subject == "customer":
            self.opened(who)
            self._pass_over()

    def __enter__(self) -> Scenario:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        __tracebackhide__ = True
        if kind is not None:
            self._refusal = None  # what failed already is what has to be seen
        self.close()

    @property
    def refused(self) -> Refusal | None:
        """The refusal of the last thing told, if it was refused and ``then_refused`` has not asked for it."""
        return self._refusal

    def close(self) -> None:
        """Close the ledger; a scenario that is let go closes it by itself.

        Raises:
            AssertionError: the last thing told was refused, and ``then_refused`` has not asked for it.
        """
        __tracebackhide__ = True
        self._finalizer()
        self._settle_refusal()

    # ------------------------------------------------------------ what is told

    def opened(self, *names: str) -> Scenario:
        """Open further customer files, for commands that cross from one relationship to another."""
        for name in names:
            self.ledger.execute(
                name,
                OpenFile(),
                actor="scenario",
                reason="scenario",
                occurred_at=datetime.fromisoformat(BEGINNING),
            )
        return self

    def given(
        self, at: str | date | datetime, *facts: Event, known: str | date | datetime | None = None
    ) -> Scenario:
        """Tell facts as they are, past every decider.

        Args:
            at: when they happened.
            *facts: what happened, in this order.
            known: when it was learned; when it happened if not given.
        """
        told_things: Sequence[object] = facts  # a test is not type-checked before it is run
        for fact in told_things:
            if not isinstance(fact, Event):
                told_as = "when(at, command)" if isinstance(fact, Command) else "an event"
                raise AssertionError(f"given(...) tells facts, and {fact!r} is none; accepted: {told_as}")
        before = self._version()
        self._enter(at, self._teller.tell(facts), known, "tester", happened=True)
        told = {f.stored_name for f in facts}
        if self._exists():
            entries = self.ledger.store.entries(self.stream)
            self._given |= {e.version for e in entries if e.version > before and e.name in told}
        return self

    def when(
        self,
        at: str | date | datetime,
        command: Command,
        known: str | date | datetime | None = None,
        actor: str = "tester",
        happened: bool = False,
    ) -> Scenario:
        """Give an order, or report what already happened.

        Args:
            at: when it was given.
            command: what is ordered.
            known: when it is entered; when it was given if not given.
            actor: who enters it.
            happened: whether it already happened outside, so that a broken rule flags it instead of refusing it.
        """
        ordered: object = command
        if not isinstance(ordered, Command):
            raise AssertionError(
                f"when(...) gives a command, and {ordered!r} is none; accepted: given(at, fact) for what happened"
            )
        self._enter(at, command, known, actor, happened=happened)
        return self

    def until(self, moment: str | date | datetime) -> Scenario:
        """Let time pass, up to and including a moment."""
        self._settle_refusal()
        self._go_to(self._moment(moment))
        self.ledger.advance()
        return self

    def correct(
        self,
        which: int | Event | type[Event],
        *,
        known: str | date | datetime | None = None,
        at: str | date | datetime | None = None,
        **fields: Any,
    ) -> Scenario:
        """Set a wrong fact right.

        Args:
            which: the fact: its place among all facts told so far (from 0, or from -1 backwards), its value, or its class
                for the last of it.
            known: when the correction is entered; now if not given.
            at: the right moment, if that was wrong.
            **fields: the right values of the fields that were wrong.
        """
        effective = None if at is None else self._moment(at)
        self._mark_entry(
            which,
            known,
            lambda entry: self.ledger.correct(
                entry, fields, actor="tester", reason="scenario", effective_from=effective
            ),
        )
        return self

    def void(
        self, which: int | Event | type[Event], *, known: str | date | datetime | None = None
    ) -> Scenario:
        """Declare that a fact never happened; arguments as for ``correct``."""
        self._mark_entry(
            which, known, lambda entry: self.ledger.void(entry, actor="tester", reason="scenario")
        )
        return self

    def publish(
        self,
        rules: RuleSet,
        *,
        effective: str | date | datetime,
        known: str | date | datetime | None = None,
        retroactive: str | None = None,
    ) -> Scenario:
        """Publish a version of a rule set.

        Args:
            rules: its values.
            effective: from when it is in force.
            known: when it is published; now if not given.
            retroactive: why it takes effect in the past, where it does.
        """
        self._settle_refusal()
        if known is not None:
            self._go_to(self._moment(known))
        self._try(
            lambda: self.ledger.publish(
                rules,
                effective_from=self._moment(effective),
                by="scenario",
                approved_by="scenario's reader",
                retroactive=retroactive,
            )
        )
        return self

    # ------------------------------------------------------------ what must follow

    def then(self, *expected: Any, only: str | None = None) -> Scenario:
        """Require exactly what the last stretch brought: what was entered since the last ``then``.

        That is, in the order in which it counts: facts that commands yielded, deeds, and decisions in force. Facts told by
        ``given`` and corrections are left out, and so is what was drawn and replaced or withdrawn within the stretch. A
        decision that replaces an earlier one stands for both; one that was drawn before and has lost its ground shows as
        ``Withdrawn(decision)`` or ``Ended(decision)``, a broken rule as ``Breached(code)``.

        Args:
            *expected: events, ``Withdrawn``, ``Ended`` and ``Breached``, compared by value.
            only: leave out what is not this plugin's: a prefix such as ``gym``. Of broken rules, only the core's are left out.
                If not given, the core's own decisions are left out unless one of them is expected: a sale moves the life cycle.

        Raises:
            AssertionError: it brought something else; the message shows both side by side.
        """
        __tracebackhide__ = True
        self._settle_refusal()
        got = [s for s in self._stretch() if _is_of(s.what, only, s.rule)]
        if _leaves_the_core_out(expected, only):
            got = [s for s in got if not _is_cores_decision(s.what)]
        self._pass_over()
        self._compare("then", expected, [(s.effective, s.what) for s in got], only)
        return self

    def then_nothing(self, *, only: str | None = None) -> Scenario:
        """Require that the last stretch brought nothing; ``only`` as for ``then``."""
        __tracebackhide__ = True
        return self.then(only=only)

    def then_in_force(self, *expected: Event, only: str | None = None) -> Scenario:
        """Require exactly these decisions to be in force now, in the order in which they count; ``only`` as for ``then``."""
        __tracebackhide__ = True
        self._settle_refusal()
        items = self.history().judged().items if self._exists() else ()
        got = [
            (i.effective, i.event)
            for i in items
            if isinstance(i.event, Decision) and type(i.event) not in MECHANISM and _is_of(i.event, only)
        ]
        if _leaves_the_core_out(expected, only):
            got = [(at, event) for at, event in got if not _is_cores_decision(event)]
        self._pass_over()
        self._compare("then_in_force", expected, got, only)
        return self

    def then_refused(self, code: str, rule: str | None = None) -> Scenario:
        """Require that the last thing told was refused.

        Args:
            code: the refusal's code.
            rule: the rule it names, where that matters.
        """
        __tracebackhide__ = True
        refusal, self._refusal = self._refusal, None
        if refusal is None:
            raise AssertionError(
                f"then_refused({code!r}): it was accepted, at {self._local(stamp(self._now))}"
            )
        if refusal.code != code or (rule is not None and refusal.rule != rule):
            wanted = code if rule is None else f"{code} [{rule}]"
            raise AssertionError(f"then_refused: expected {wanted}\n  got {refusal.describe()}")
        return self

    def then_breached(self, code: str) -> Scenario:
        """Require that the last stretch kept something that broke a rule; a following ``then`` need not name it again."""
        __tracebackhide__ = True
        self._settle_refusal()
        stretch = self._stretch()
        for seen in stretch:
            if seen.what == Breached(code):
                self._heard.add(seen.version)
                return self
        there = [s.what.code for s in stretch if isinstance(s.what, Breached)]
        raise AssertionError(f"then_breached({code!r}): broken was {', '.join(there) or 'no rule'}")

    def then_state(self, facet: Facet[Any] | type[Any] | str, **attributes: Any) -> Scenario:
        """Require attributes of a facet's state as of now.

        Args:
            facet: the facet, its name, or its state's class.
            **attributes: their values.
        """
        __tracebackhide__ = True
        self._settle_refusal()
        state = self.state(facet)
        wrong = [
            f"  {name}: expected {value!r}, got {getattr(state, name)!r}"
            for name, value in attributes.items()
            if getattr(state, name) != value
        ]
        if wrong:
            raise AssertionError(f"then_state at {self._local(stamp(self._now))}\n" + "\n".join(wrong))
        return self

    def then_due(self, moment: str | date | datetime | None) -> Scenario:
        """Require the next due moment that waits; None for none."""
        __tracebackhide__ = True
        self._settle_refusal()
        waiting = self.history().judged().next_due
        wanted = None if moment is None else stamp(self._moment(moment))
        if waiting != wanted:
            shown = [self._local(t) if t else "nothing" for t in (wanted, waiting)]
            raise AssertionError(f"then_due: expected {shown[0]}, {shown[1]} waits")
        return self

    # ------------------------------------------------------------ asking

    @property
    def stream(self) -> str:
        """The relationship's stream."""
        return (self.ledger.find(self.who) if self.subject == "customer" else None) or self.who

    def history(self) -> History:
        """Return the relationship's history, to be asked at any cut."""
        return History(self.ledger, self.stream)

    def state(
        self,
        facet: Facet[Any] | type[Any] | str,
        *,
        as_of: str | datetime | None = None,
        as_known: str | datetime | None = None,
    ) -> Any:
        """Return a facet's state, now or at a cut.

        Args:
            facet: the facet, its name, or its state's class.
            as_of: leave out what counts from later; a bare date means that day's end.
            as_known: leave out what was learned later.
        """
        history = self.history()
        if as_of is not None:
            history = history.as_of(as_of)
        if as_known is not None:
            history = history.as_known(as_known)
        return history.state(facet)

    # ------------------------------------------------------------ inside

    def _moment(self, at: str | date | datetime) -> datetime:
        if isinstance(at, datetime):
            return at if at.tzinfo else at.replace(tzinfo=self._tz)
        return read_instant(at if isinstance(at, str) else at.isoformat(), self._tz)[0]

    def _go_to(self, moment: datetime) -> None:
        if moment < self._now:
            raise AssertionError(
                f"{self._local(stamp(moment))} lies before {self._local(stamp(self._now))}, to which this scenario has come; "
                f"say known=... for what is learned later than it happened"
            )
        self._now = moment

    def _enter(
        self,
        at: str | date | datetime,
        command: Command,
        known: str | date | datetime | None,
        actor: str,
        *,
        happened: bool,
    ) -> None:
        self._settle_refusal()
        moment = self._moment(at)
        self._go_to(moment if known is None else self._moment(known))
        self._try(
            lambda: self.ledger.execute(
                self.who,
                command,
                actor=actor,
                reason="scenario",
                occurred_at=min(moment, self._now),
                effective_from=moment,
                happened=happened,
            )
        )

    def _mark_entry(
        self,
        which: int | Event | type[Event],
        known: str | date | datetime | None,
        mark: Callable[[str], object],
    ) -> None:
        self._settle_refusal()
        if known is not None:
            self._go_to(self._moment(known))
        entry = self._fact(which)
        self._try(lambda: mark(entry))

    def _fact(self, which: int | Event | type[Event]) -> str:
        told = [
            (line.id, line.event)
            for line in self.history().lines()
            if line.kind in ("fact", "act", "deed")
            and line.event is not None
            and type(line.event) not in MECHANISM
            and line.name != "core.file_opened"
        ]
        if isinstance(which, int):
            if -len(told) <= which < len(told):
                return told[which][0]
        else:
            kind = isinstance(which, type)
            for entry, event in reversed(told):
                if type(event) is which if kind else event == which:
                    return entry
        shown = "\n".join(f"  {n}: {event!r}" for n, (_, event) in enumerate(told))
        raise AssertionError(f"there is no fact {which!r}; told were\n{shown}")

    def _try(self, do: Callable[[], object]) -> None:
        try:
            do()
        except Refusal as refusal:
            self._refusal = refusal

    def _settle_refusal(self) -> None:
        __tracebackhide__ = True
        refusal, self._refusal = self._refusal, None
        if refusal is not None:
            raise AssertionError(f"it was refused: {refusal.describe()}") from refusal

    def _exists(self) -> bool:
        return self.stream in self.ledger.store.heads([self.stream])

    def _version(self) -> int:
        head = self.ledger.store.heads([self.stream]).get(self.stream)
        return 0 if head is None else head.version

    def _pass_over(self) -> None:
        self._mark = self._version()
        self._heard.clear()

    def _stretch(self) -> list[_Seen]:
        """Return what was entered since the last ``then`` and counts, in the order in which it counts."""
        if not self._exists():
            return []
        stream, timelines = self.stream, self.ledger.timelines
        rows = self.ledger.store.fold_rows(stream)
        live = {i.row.version: i for i in timelines.build(stream, rows, Cut())}
        origin = Origin(stream, rows, timelines.due_rank)
        seen: list[_Seen] = []
        for row in rows[self._mark :]:
            key = origin.key(row, row.effective_from)
            event = timelines.codec.decode(row.name, row.schema_version, row.payload, stream, row.version)
            if isinstance(event, DecisionWithdrawn | DecisionEnded):
                first = int(event.decision.rpartition("/")[2])
                if first <= self._mark:
                    past = rows[first - 1]
                    was = timelines.codec.decode(
                        past.name, past.schema_version, past.payload, stream, past.version
                    )
                    if was is not None and not isinstance(was, BreachFlagged):
                        make = Withdrawn if isinstance(event, DecisionWithdrawn) else Ended
                        seen.append(_Seen(key, row.effective_from, make(was), row.version))
                continue
            item = live.get(row.version)
            if item is None or row.version in self._given or row.version in self._heard:
                continue
            what: Any = item.event
            rule = ""
            if isinstance(what, BreachFlagged | BreachRecorded):
                what, rule = Breached(what.code), what.rule
            seen.append(_Seen(item.key, item.effective, what, row.version, rule))
        return sorted(seen, key=lambda s: s.key)

    def _compare(
        self, asked: str, expected: Sequence[Any], got: Sequence[tuple[str, Any]], only: str | None
    ) -> None:
        __tracebackhide__ = True
        for one in expected:
            if not _is_of(one, only):
                raise AssertionError(
                    f"{asked}(..., only={only!r}) leaves out what it expects: {one!r}; "
                    f"accepted: entries whose stored name begins with {only}."
                )
        if list(expected) == [what for _, what in got]:
            return
        left = list(expected)
        lines: list[str] = []
        for n in range(max(len(left), len(got))):
            wanted = left[n] if n < len(left) else None
            at, came = got[n] if n < len(got) else ("", None)
            if wanted == came:
                lines.append(f"    {self._local(at)}  {came!r}")
                continue
            if wanted is not None:
                lines.append(f"  - expected        {wanted!r}")
            if came is not None:
                lines.append(f"  + {self._local(at)}  {came!r}")
            if type(wanted) is type(came) and attrs.has(type(came)):
                for a in fields_of(type(came)):
                    mine, theirs = getattr(wanted, a.name), getattr(came, a.name)
                    if mine != theirs:
                        lines.append(f"      {a.name}: expected {mine!r}, got {theirs!r}")
        raise AssertionError(
            f"{asked} at {self._local(stamp(self._now))}\n" + "\n".join(lines or ["  nothing"])
        )

    def _local(self, text: str) -> str:
        return f"{instant(text, self._tz):%Y-%m-%d %H:%M}"


def _leaves_the_core_out(expected: Sequence[Any], only: str | None) -> bool:
    return only is None and not any(_is_cores_decision(one) for one in expected)


def _is_cores_decision(what: Any) -> bool:
    event = what.decision if isinstance(what, Withdrawn | Ended) else what
    return isinstance(event, Decision) and event.stored_name.startswith(f"{CORE}.")


def _is_of(what: Any, prefix: str | None, rule: str = "") -> bool:
    """Return whether something is a plugin's own; the ids of rules have no prefix, but the core's are told by theirs."""
    if prefix is None:
        return True
    if isinstance(what, Breached):
        return prefix == CORE or not rule.startswith(_CORES_RULES)
    event = what.decision if isinstance(what, Withdrawn | Ended) else what
    return str(getattr(event, "stored_name", "")).startswith(prefix + ".")


_CORES_RULES = "CORE-"
"""How the ids of the core's rules begin."""
