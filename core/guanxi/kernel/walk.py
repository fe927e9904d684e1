"""The walk: carries one stream forward through facts and due moments, draws decisions, and weighs them against stored ones.

Pure: everything it knows is handed to it. Live appends, hindsight, pending answers and re-runs all walk here.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar, cast
from zoneinfo import ZoneInfo

import attrs
import msgspec

from guanxi.kernel.entries import FoldRow, source_text
from guanxi.kernel.errors import Invalid, PluginError, Refusal, RuleNotMet, Unknown, asking, name_of_handler
from guanxi.kernel.facets import To
from guanxi.kernel.house import Room
from guanxi.kernel.messages import REVISE, Decision, Deed, Due, Event
from guanxi.kernel.rules import Pin, RuleBook, RuleSet
from guanxi.kernel.standard import BreachFlagged, BreachRecorded, DecisionEnded, DecisionWithdrawn
from guanxi.kernel.timeline import (
    FACT_PHASE,
    Item,
    OrderKey,
    Origin,
    due_key,
    fact_key,
    key_text_of,
    place_behind,
    place_behind_other,
    place_due,
)
from guanxi.kernel.times import instant, stamp

T = TypeVar("T")
R = TypeVar("R", bound=RuleSet)

BOUND = 50_000
"""How many entries one intake may set off before the reactions are taken not to come to rest."""

_encode = msgspec.json.Encoder().encode


@attrs.define(slots=True)
class Draft:
    """An entry to be: everything about it that judging knows."""

    event: Event
    effective: str
    version: int
    id: str
    key: OrderKey
    place: str | None = None
    rule: str | None = None
    rule_sets: dict[str, int] | None = None
    causation: str | None = None
    replaces: str | None = None
    succeeds: str | None = None
    target: str | None = None
    late: bool = False
    tag: Any = None
    ended: Event | None = None

    def rule_sets_text(self) -> str | None:
        """Return the rule-set versions as stored."""
        return _encode(self.rule_sets).decode() if self.rule_sets else None

    def row(self, recorded: str, payload: str = "") -> FoldRow:
        """Return the fold row it will have."""
        return FoldRow(
            self.version,
            self.version,
            kind_of(self.event),
            self.event.stored_name,
            type(self.event).schema_version,
            self.effective,
            recorded,
            self.place,
            self.target,
            self.replaces,
            self.succeeds,
            self.causation,
            self.rule,
            self.rule_sets_text(),
            payload,
            source_of(self.tag),
        )

    def as_item(self, recorded: str, origin: Origin) -> Item:
        """Return it as a timeline item, as if it were stored already."""
        item = Item(self.event, self.row(recorded), self.effective, origin, self.key)
        item.ended = self.ended
        return item


def source_of(tag: Any) -> str | None:
    """Return the source reference of what was told, as one text; None where it has none."""
    source = getattr(tag, "source", None)
    if source is None or isinstance(source, str):
        return source
    return source_text(source.system, source.document, source.line)


class Spoilt(Exception):
    """One line of many was refused when it had been applied already; what is left has to be judged without it."""


@attrs.define(slots=True)
class Intake:
    """A fact or command on its way in.

    Args:
        effective: stamp from which it counts.
        produce: ``produce(state_of, now)`` yields the facts, decided on the state as of that moment.
        happened: whether it tells what already happened, so that a broken rule flags instead of refusing.
        tag: what the ledger needs to fill the envelopes.
        refused: called with a refusal instead of raising it, for one line of many.
        subject: the name the customer was called by.
        behind: tag of the fact that a noted breach was kept with, where the two come in apart.
    """

    effective: str
    produce: Callable[[Walk, Moment], Iterable[Any]]
    happened: bool = False
    tag: Any = None
    refused: Callable[[Refusal], None] | None = None
    subject: str = ""
    behind: Any = None


@attrs.frozen
class Sent:
    """A command for another file.

    Args:
        to: whom it is for, and what.
        tag: of what told it.
    """

    to: To
    tag: Any


@attrs.frozen
class Difference:
    """A decision that stands although it would come out otherwise today (CORE-93, *would differ*)."""

    name: str
    stored: Event | None
    derived: Event | None
    entry: str | None
    effective: str


class Moment:
    """What a handler may know besides its own state; implements ``facets.Now``."""

    __slots__ = (
        "_at",
        "_at_stamp",
        "_pinned",
        "_walk",
        "actor",
        "ahead",
        "breaches",
        "happened",
        "index",
        "known",
        "other",
        "stream",
        "subject",
        "used",
    )

    def __init__(
        self,
        walk: Walk,
        at_stamp: str,
        happened: bool = False,
        subject: str = "",
        pinned: Pin | None = None,
    ) -> None:
        self._pinned = pinned
        self._walk, self._at_stamp, self.happened, self.subject = walk, at_stamp, happened, subject
        self._at: datetime | None = None
        self.index: int | None = None  # of the facet whose handler asks, where that is known
        self.ahead: str | None = (
            None  # until when a handler of moments asked for rules that nobody can know yet
        )
        self.known, self.actor = walk.known_at, walk.actor
        self.stream, self.other = walk.stream, ""  # the other is the file that a command names
        self.used: dict[str, int] | None = None
        self.breaches: list[BreachRecorded] = []

    @property
    def at(self) -> datetime:
        """The judged moment, in the programme's zone."""
        if self._at is None:
            self._at = instant(self._at_stamp, self._walk.tz)
        return self._at

    def rules(self, rule_set: type[R]) -> R:
        """Return the rule set in force at the judged moment, as known now."""
        return self._rules(rule_set, self._at_stamp)

    def rules_at(self, rule_set: type[R], at: datetime) -> R:
        """Return the rule set in force at another moment, such as the original sale's."""
        return self._rules(rule_set, stamp(at))

    def _rules(self, rule_set: type[R], at: str) -> R:
        if self._pinned is not None and rule_set.stored_name in self._pinned.versions:
            value, version = self._walk.book.pinned(rule_set, self._pinned, at)
        else:
            try:
                value, version = self._walk.book.find(rule_set, at, self._walk.known)
            except (PluginError, AttributeError) as error:
                raise self._no_rules(rule_set) from error
        if self.used is None:
            self.used = {}
        elif self.used.get(rule_set.stored_name, version) != version:
            self._walk.apart = True  # pinned, it would be drawn under one of the two
        if at > self._at_stamp and at > self._walk.known:
            # Which rules are in force then may be published in the meantime.
            if self.ahead is None:
                self._walk.apart = True
            else:
                self.ahead = max(self.ahead, at)
        self.used[rule_set.stored_name] = version
        return value

    def _no_rules(self, rule_set: Any) -> PluginError:
        what = getattr(rule_set, "stored_name", "") or getattr(rule_set, "__qualname__", repr(rule_set))
        asker = asking()
        return PluginError(
            "rule_set_unknown",
            f"{asker} asks for the rules {what}, which no plugin handed over",
            zh=f"{asker} 索取规则集 {what}，但没有插件交出它",
            accepts="a class decorated with @rule_set that is among Parts.rule_sets",
        )

    def of(self, state: type[T]) -> T:
        """Return the state of another facet.

        Raises:
            PluginError: ``reads_undeclared`` for one that the asking facet does not declare to read.
        """
        index, room = self.index, self._walk.room
        if index is not None and state not in room.readable[index] and state in room.states:
            asker, own, other = asking(), room.facets[index].name, room.facets[room.states[state]].name
            raise PluginError(
                "reads_undeclared",
                f"{asker} of {own} asks for the state of {other}, which {own} does not declare to read",
                zh=f"{own} 的 {asker} 索取 {other} 的状态，但 {own} 没有声明读取它",
                accepts=f"Facet({own!r}, ..., reads=(...,)) with the facet {other}",
            )
        return self._walk.state_of(state)

    def require(
        self,
        ok: bool,
        code: str,
        rule: str = "",
        message: str = "",
        *,
        zh: str = "",
        accepts: str = "",
        **facts: object,
    ) -> None:
        """Refuse an order that a rule forbids; keep and flag what has already happened."""
        if not ok:
            self.forbid(RuleNotMet(code, message, zh=zh, rule=rule, accepts=accepts, **facts))

    def forbid(self, refusal: Refusal) -> None:
        """Refuse an order with an outcome of its own; keep and flag what has already happened."""
        if not self.happened:
            raise refusal
        self.breaches.append(BreachRecorded(rule=refusal.rule, code=refusal.code))

    def need(
        self,
        value: T | None,
        code: str,
        rule: str = "",
        message: str = "",
        *,
        zh: str = "",
        accepts: str = "",
        **facts: object,
    ) -> T:
        """Return the value, or refuse as unknown."""
        if value is None:
            raise Unknown(code, message, zh=zh, rule=rule, accepts=accepts, **facts)
        return value


class _Chain:
    """A stored decision and what has succeeded it since."""

    __slots__ = ("borne", "first", "later", "matched", "revised", "stood")

    def __init__(self, first: Item) -> None:
        self.first = first
        self.later: list[Item] = []
        self.borne = self.matched = self.revised = self.stood = False

    @property
    def latest(self) -> Item:
        return self.later[-1] if self.later else self.first

    @property
    def in_force(self) -> Event | None:
        event = self.latest.event
        return None if isinstance(event, DecisionEnded) else event

    def ids(self) -> str:
        return " ".join(i.id for i in (self.first, *self.later))


@attrs.define(slots=True)
class _Root:
    """What a cascade of decisions stands behind: a fact, or a due moment."""

    effective: str
    recorded: str = ""
    stream: str = ""
    version: int = 0
    name: str = ""
    rank: int = 0
    key_text: str = ""
    turns: int = 0

    def next_place(self, stream: str) -> tuple[str, OrderKey]:
        turn = self.turns + 1
        if self.name:
            return place_due(self.name, self.key_text, turn), due_key(
                self.effective, self.rank, self.name, self.key_text, turn
            )
        key = (self.effective, FACT_PHASE, self.recorded, self.stream, self.version, turn)
        if self.stream != stream:
            return place_behind_other(self.stream, self.version, self.recorded, turn), key
        return place_behind(self.version, turn), key


@attrs.define(slots=True)
class _Answer:
    event: Any
    rule: str
    rule_sets: dict[str, int] | None
    causation: str | None


class Walk:
    """One pass over one stream.

    Args:
        room: the facets of the stream's kind.
        book: rule sets, as far as they are known.
        stream: the stream's id.
        next_version: version of the first entry it drafts.
        known: stamp of the moment of knowledge.
        tz: the programme's zone.
        actor: on whose behalf.
        by_rules: whether the cause is a rule set published with effect in the past, rather than a late fact.
        as_of: stamp beyond which nothing is drawn; for questions.
    """

    def __init__(
        self,
        room: Room,
        book: RuleBook,
        stream: str,
        next_version: int,
        known: str,
        tz: ZoneInfo,
        actor: str = "system",
        by_rules: bool = False,
        as_of: str | None = None,
    ) -> None:
        self.as_of = as_of
        self.room, self.book, self.stream, self.tz, self.actor = room, book, stream, tz, actor
        self.known, self.known_at, self.by_rules = known, instant(known, tz), by_rules
        self.next_version = next_version
        self.states = room.fresh()
        self.out: list[Draft] = []
        self.outbox: list[Sent] = []
        self.differences: list[Difference] = []
        self.fired: list[tuple[str, Due]] = []
        self.done: set[tuple[Any, ...]] = set()
        self.last_effective = ""
        self.last_come = ""
        """The latest moment that has come."""
        self.apart = False
        """Whether something may stand otherwise than it would be drawn from the beginning."""
        self.absent: frozenset[str] = frozenset()
        """Ids of entries whose plugin is away."""
        self._heap: list[tuple[str, int, str, str, int, Due]] = []
        self._agenda: list[tuple[OrderKey, int, Any]] = []
        self._count = 0
        self._tail = False
        self._judged_until = ""
        self._strict = False
        self._chains: dict[tuple[Any, ...], _Chain] = {}
        self._members: dict[str, _Chain] = {}
        self._seen: dict[tuple[Any, ...], int] = {}
        self._listed: dict[tuple[Any, ...], int] = {}
        self._pins: dict[tuple[str, str, str], dict[type[Event], Pin]] = {}
        self._looked: dict[tuple[str, str, str], dict[str, int]] = {}
        self._last_told: dict[int, str] = {}

    # ------------------------------------------------------------ state

    def state_of(self, state: type[T]) -> T:
        """Return the state of that class.

        Raises:
            PluginError: ``state_unknown`` when no installed facet has it.
        """
        index = self.room.states.get(state)
        if index is None:
            what, asker = getattr(state, "__name__", repr(state)), asking()
            raise PluginError(
                "state_unknown",
                f"{asker} asks for a {what}, which no facet of this subject keeps",
                zh=f"{asker} 索取 {what}，但此类主体没有主题保存它",
                accepts="the state class of a facet that is handed over",
            )
        return cast(T, self.states[index])

    def fold(self, items: Iterable[Item], horizon: tuple[str, int]) -> None:
        """Apply what is settled; moments at or beyond the horizon are kept waiting, earlier ones have had their say."""
        states, routes, dues, tz = self.states, self.room.routes, self.room.dues, self.tz
        edge = instant(horizon[0], tz) if horizon[0] else None
        now, reckoned, at = Moment(self, ""), "", self.known_at
        come: datetime | None = None
        item: Item | None = None
        for item in items:
            event, effective = item.event, item.effective
            kind = type(event)
            waits = dues.get(kind)
            for index, handler, wide in routes.get(kind, ()):
                if wide:
                    if (
                        effective != reckoned
                    ):  # what follows from a fact counts from the same moment, most often
                        reckoned, at = effective, item.at(tz)
                    handler(states[index], event, at)
                else:
                    handler(states[index], event)
            if waits is not None:
                if effective != reckoned:
                    reckoned, at = effective, item.at(tz)
                now._at_stamp, now._at, now.used = effective, at, None
                for index, waiter in waits:
                    now.index, now.ahead = index, ""
                    soonest: datetime | None = None
                    for when, due in waiter(states[index], event, now):
                        if edge is None or when >= edge:
                            self._wait_beyond(_due_at(when, waiter), due, effective, horizon)
                        elif come is None or when > come:
                            come = when
                        if soonest is None or when < soonest:
                            soonest = when
                    if now.ahead:
                        self._look_ahead(soonest, now.ahead)
            elif kind is DecisionEnded:
                self._end(item.ended, effective)
        if item is not None:
            self.last_effective = item.effective
        if come is not None:
            self.last_come = max(self.last_come, stamp(come))

    def _look_ahead(self, soonest: datetime | None, ahead: str) -> None:
        """Take note of a handler that asked for rules of days ahead and named a moment before them, or none.

        Rules are known on the day from which they are in force, and until a moment comes it is named anew whenever the stream is
        read; but one before those days may have come by the time such rules are published.
        """
        if soonest is None or stamp(soonest) < ahead:
            self.apart = True

    def _wait_beyond(self, at: str, due: Due, effective: str, horizon: tuple[str, int]) -> None:
        """Set a moment of a settled event running that has not come yet."""
        if at > effective and (at, 0) >= horizon:
            self._wait(at, due)
        else:
            self.last_come = max(self.last_come, at)

    def _wait(self, at: str, due: Due) -> None:
        self._count += 1
        name = due.stored_name
        heapq.heappush(
            self._heap, (at, self.room.due_rank.get(name, 0), name, _encode(due).decode(), self._count, due)
        )

    def note_settled(self, items: Iterable[Item]) -> None:
        """Count settled decisions and deeds, so that later ones of the same key are told apart."""
        for item in items:
            if isinstance(item.event, Decision) and item.succeeds is None:
                ident = key_text_of(item.event)
                self._seen[ident] = self._seen.get(ident, 0) + 1
            elif isinstance(item.event, Deed):
                self.done.add(key_text_of(item.event))

    def _wait_for(self, event: Event, effective: str) -> list[Due]:
        """Set running the moments an event names; return those that have come already."""
        come: list[Due] = []
        now = Moment(self, effective)
        for index, handler in self.room.dues[type(event)]:
            now.index, now.ahead = index, ""
            soonest: datetime | None = None
            for when, due in handler(self.states[index], event, now):
                at = _due_at(when, handler)
                soonest = when if soonest is None else min(soonest, when)
                if at <= effective:
                    come.append(due)
                else:
                    self._wait(at, due)
            if now.ahead:
                self._look_ahead(soonest, now.ahead)
        return come

    def _end(self, decision: Event | None, effective: str) -> None:
        if decision is None:
            return
        for index, handler in self.room.endings.get(type(decision), ()):
            handler(self.states[index], decision)

    def next_due(self) -> str | None:
        """Return the stamp of the next moment that waits, if any."""
        return self._heap[0][0] if self._heap else None

    # ------------------------------------------------------------ going on

    def run(self, tail: Sequence[Item], intakes: Sequence[Intake], until: str, judged_until: str) -> None:
        """Go through stored items, new ones and due moments in order of time.

        Args:
            tail: stored items beyond what was folded; their facts are judged again.
            intakes: what comes in.
            until: moments up to here arrive.
            judged_until: decisions dated up to here were drawn before; others are drawn for the first time.
        """
        self._tail = bool(tail)
        self._judged_until = judged_until if tail or self.by_rules else ""
        self._strict = any(not i.happened for i in intakes)
        for item in tail:
            self._enlist(item)
        for n, intake in enumerate(intakes):
            self._push((intake.effective, FACT_PHASE, self.known, self.stream, 10**12 + n, 0), intake)
        self.settle(until)
        self._withdraw()

    def settle(self, until: str) -> None:
        """Process everything waiting up to ``until``, and stored items beyond."""
        agenda, heap = self._agenda, self._heap
        while True:
            due_first = bool(heap) and heap[0][0] <= until
            if agenda and not (due_first and (heap[0][0], 0, *heap[0][1:4]) < agenda[0][0]):
                self._process(heapq.heappop(agenda)[2])
            elif due_first:
                at, rank, name, key_text, _, due = heapq.heappop(heap)
                self._fire(at, rank, name, key_text, due)
            else:
                return

    def _push(self, key: OrderKey, thing: Any) -> None:
        self._count += 1
        heapq.heappush(self._agenda, (key, self._count, thing))

    def _enlist(self, item: Item) -> None:
        self._push(item.key, item)
        if not isinstance(item.event, Decision):
            if isinstance(item.event, Deed):
                self.done.add(key_text_of(item.event))
            return
        if item.succeeds is not None:
            chain = self._members.get(item.succeeds)
            if chain is not None:
                chain.later.append(item)
                self._members[item.id] = chain
                self._pin(chain.first, item)
            return
        ident = key_text_of(item.event)
        nth = self._listed.get(ident, self._seen.get(ident, 0)) + 1
        self._listed[ident] = nth
        chain = _Chain(item)
        self._chains[(*ident, nth)] = chain
        self._members[item.id] = chain
        self._pin(item, item)

    def _pin(self, first: Item, latest: Item) -> None:
        """Have a decision that rules published since do not reach in the past derived under the versions it was last drawn by."""
        row = latest.row
        if self.by_rules or not row.rule_sets or type(first.event).retroactive_effect is REVISE:  # type: ignore[attr-defined]
            return
        cause = first.row.causation or (first.row.place or "").rpartition("|")[0]
        pins = self._pins.setdefault((cause, first.row.rule or "", first.effective), {})
        versions = msgspec.json.decode(row.rule_sets)
        pins[type(first.event)] = Pin(versions, first.drawn_first, row.recorded_at)

    def _process(self, thing: Any) -> None:
        if isinstance(thing, Intake):
            self._take(thing)
        elif isinstance(thing, Draft):
            self._succeed(thing)
        elif isinstance(thing.event, Decision):
            self._meet_stored(thing)
        else:
            self._again(thing)

    def _fire(self, at: str, rank: int, name: str, key_text: str, due: Due) -> None:
        self.fired.append((at, due))
        self.last_come = max(self.last_come, at)
        root = _Root(effective=at, name=name, rank=rank, key_text=key_text)
        self._cascade(root, deque(self._answers(due, at, None, f"@{name}|{key_text}")))

    def _take(self, intake: Intake) -> None:
        now = Moment(self, intake.effective, intake.happened, intake.subject)
        facts: list[Any] = []
        try:
            for fact in intake.produce(self, now):
                facts.append(fact)
                if now.breaches and not isinstance(fact, To):
                    # What was asked before a fact was yielded was asked of it.
                    facts += now.breaches
                    now.breaches.clear()
        except Refusal as refusal:
            if intake.refused is None:
                raise
            intake.refused(refusal)
            return
        for fact in (*facts, *now.breaches):
            if isinstance(fact, To):
                self.outbox.append(Sent(fact, intake.tag))
            elif isinstance(fact, Decision) or not isinstance(fact, Event):
                raise PluginError(
                    "not_a_fact",
                    f"a decider yielded {fact!r}",
                    accepts="facts, acts, or To(subject, command)",
                )
            else:
                self._feed(fact, intake)

    def _feed(self, fact: Event, intake: Intake) -> None:
        try:
            self._feed_fact(fact, intake.effective, intake.happened, intake.tag, intake.behind)
        except RuleNotMet as refusal:
            if intake.refused is None:
                raise
            intake.refused(refusal)
            raise Spoilt from refusal

    def _feed_fact(self, fact: Event, effective: str, happened: bool, tag: Any, behind: Any = None) -> None:
        if effective < self.last_come or effective < self.last_effective:
            self.apart = True  # a moment behind it has come, and what drew nothing then is not asked again
        version = self.next_version
        draft = self._emit(fact, effective, fact_key(effective, self.known, self.stream, version), None)
        draft.tag = tag
        if isinstance(fact, BreachRecorded):
            draft.causation = self._last_told.get(id(tag if behind is None else behind))
        elif tag is not None:
            self._last_told[id(tag)] = draft.id
        root = _Root(effective=effective, recorded=self.known, stream=self.stream, version=version)
        come = self._apply(fact, effective)
        queue = deque(self._broken(fact, effective, draft.id, happened))
        queue.extend(self._answers(fact, effective, draft.id))
        self._cascade(root, queue, come)

    def _again(self, item: Item) -> None:
        """Judge a stored fact again, at its place."""
        root = _Root(effective=item.effective, recorded=item.key[2], stream=item.key[3], version=item.key[4])
        come = self._apply(item.event, item.effective)
        queue = deque(self._broken(item.event, item.effective, item.id, True, stored=True))
        queue.extend(self._answers(item.event, item.effective, item.id))
        self._cascade(root, queue, come)

    def _broken(
        self, fact: Event, effective: str, entry: str, happened: bool, *, stored: bool = False
    ) -> Iterable[_Answer]:
        for index, rule, code, handler, wide in self.room.guards.get(type(fact), ()):
            used = None
            if wide:
                now = Moment(self, effective, happened)
                now.index = index
                holds, used = handler(self.states[index], fact, now), now.used
            else:
                holds = handler(self.states[index], fact)
            if holds:
                continue
            flag = BreachFlagged(entry=entry, rule=rule, code=code)
            if stored and self._strict and (*key_text_of(flag), 1) not in self._chains:
                raise RuleNotMet(
                    "contradicts_later_entry",
                    f"a later entry, {entry}, would break {rule}",
                    zh=f"较晚的记录 {entry} 将违反 {rule}",
                    rule=rule,
                    entry=entry,
                )
            if not happened:
                raise RuleNotMet(
                    code,
                    f"it would break {rule}",
                    zh=f"将违反 {rule}",
                    rule=rule,
                    accepts=f"what {rule} allows",
                )
            yield _Answer(flag, rule, used, entry)

    # ------------------------------------------------------------ decisions

    def _answers(self, message: Any, at: str, causation: str | None, cause: str = "") -> list[_Answer]:
        """Return what the reactions to a message draw; what is pinned to other rule versions is drawn under those."""
        out: list[_Answer] = []
        for index, rule, handler in self.room.reactions.get(type(message), ()):
            place = (causation or cause, rule, at)
            pinned = self._pins.get(place) if self._pins else None
            if pinned is None:
                out += self._drawn(index, rule, handler, message, place, causation, None)
                continue
            # One reaction may draw several kinds of decisions, each under versions of its own; they keep the order of its yields.
            merged: list[tuple[int, _Answer]] = []
            for pin in (*_distinct(pinned.values()), None):
                drawn = self._drawn(index, rule, handler, message, place, causation, pin)
                merged += [(n, a) for n, a in enumerate(drawn) if pinned.get(type(a.event)) == pin]
            out += [a for _, a in sorted(merged, key=lambda pair: pair[0])]
        return out

    def _drawn(
        self,
        index: int,
        rule: str,
        handler: Any,
        message: Any,
        place: tuple[str, str, str],
        causation: str | None,
        pin: Pin | None,
    ) -> list[_Answer]:
        """Return what one reaction draws under the rules in force, or under those that a decision is pinned to."""
        out: list[_Answer] = []
        now = Moment(self, place[2], pinned=pin)
        now.index = index
        for event in handler(self.states[index], message, now):
            if not isinstance(event, Decision):
                raise PluginError(
                    "not_a_decision",
                    f"the reaction {name_of_handler(handler)} yielded {event!r}",
                    zh=f"反应 {name_of_handler(handler)} 给出了 {event!r}",
                    accepts="decisions; deeds come from effects",
                )
            if self.room.unknown(event):
                raise not_handed_over(handler, self.room.facets[index].name, event)
            out.append(_Answer(event, rule, None if now.used is None else dict(now.used), causation))
        if self._tail and pin is None and now.used is not None:
            self._looked[place] = now.used
        return out

    def _cascade(self, root: _Root, queue: deque[Any], come: Sequence[Due] = ()) -> None:
        queue.extend(come)
        while queue:
            answer = queue.popleft()
            if isinstance(answer, Due):
                queue.extend(self._answers(answer, root.effective, None))
                continue
            drawn = self._weigh(answer, root)
            if drawn is None:
                continue
            come = self._apply(drawn.event, root.effective)
            queue.extend(self._answers(drawn.event, root.effective, drawn.id))
            queue.extend(come)

    def _apply(self, event: Event, effective: str) -> list[Due]:
        if effective > self.last_effective:
            self.last_effective = effective
        kind = type(event)
        for index, handler, wide in self.room.routes.get(kind, ()):
            if wide:
                handler(self.states[index], event, instant(effective, self.tz))
            else:
                handler(self.states[index], event)
        return self._wait_for(event, effective) if kind in self.room.dues else []

    def _emit(self, event: Event, effective: str, key: OrderKey, place: str | None) -> Draft:
        if len(self.out) >= BOUND:
            raise PluginError(
                "no_rest",
                f"more than {BOUND} entries follow from one intake into {self.stream}: reactions do not come to rest",
            )
        version = self.next_version
        self.next_version += 1
        draft = Draft(
            event=event,
            effective=effective,
            version=version,
            id=f"{self.stream}/{version}",
            key=key,
            place=place,
            late=self._tail,
        )
        self.out.append(draft)
        return draft

    def _draw(self, answer: _Answer, root: _Root, replaces: str | None = None) -> Draft:
        place, key = root.next_place(self.stream)
        root.turns += 1
        draft = self._emit(answer.event, root.effective, key, place)
        draft.rule, draft.rule_sets, draft.causation, draft.replaces = (
            answer.rule,
            answer.rule_sets,
            answer.causation,
            replaces,
        )
        draft.late = draft.late or replaces is not None
        return draft

    def _weigh(self, answer: _Answer, root: _Root) -> Draft | Item | None:
        """Settle what becomes of a decision just derived: draw it, keep the stored one, or note that it would differ."""
        if not self._judged_until:
            return self._draw(answer, root)
        ident = key_text_of(answer.event)
        nth = self._seen.get(ident, 0) + 1
        self._seen[ident] = nth
        chain = self._chains.get((*ident, nth))
        own = root.effective
        if chain is None:
            when = self._date(answer.event, None, own)
            if when is None:
                self.apart = True
                self.differences.append(Difference(answer.event.stored_name, None, answer.event, None, own))
                return None
            if when <= own:
                return self._draw(answer, root)
            self._schedule(answer, when, None)
            return None
        return self._weigh_against(chain, answer, root)

    def _weigh_against(self, chain: _Chain, answer: _Answer, root: _Root) -> Draft | Item | None:
        first, own = chain.first, root.effective
        stood = chain.stood
        chain.matched, chain.borne = True, stood
        _, key = root.next_place(self.stream)
        if chain.in_force == answer.event and (chain.later or first.key == key):
            return None if stood else self._keep(chain, root)
        when = self._date(answer.event, chain.in_force, own)
        if when is None or when > own or stood:
            self.apart = True
        if when is None:
            if chain.in_force != answer.event:
                self.differences.append(
                    Difference(answer.event.stored_name, chain.in_force, answer.event, first.id, own)
                )
            return None if stood else self._keep(chain, root)
        if when <= own and not stood:
            chain.revised = True
            return self._draw(answer, root, chain.ids())
        if chain.in_force != answer.event:
            self._schedule(answer, max(when, own), chain)
        return None if stood else self._keep(chain, root)

    def _keep(self, chain: _Chain, root: _Root) -> Item | None:
        """Let a stored decision stand at its own place; one that is borne from elsewhere stands when its place comes.

        What follows is drawn behind that place, which may lie further back than the decisions drawn so far reach.
        """
        chain.stood = True
        *place, turn = chain.first.key
        *mine, next_turn = root.next_place(self.stream)[1]
        if place == mine:
            root.turns = max(next_turn, turn)
            return chain.first
        chain.matched = chain.stood = False
        chain.borne = self.apart = True
        return None

    def _date(self, derived: Event | None, stored: Event | None, own: str) -> str | None:
        """Return from when a derived outcome counts, as its type declares; None leaves the stored one standing."""
        if own > self._judged_until:
            return own
        judged = derived if derived is not None else stored
        assert isinstance(judged, Decision)
        effect = judged.retroactive_effect if self.by_rules else judged.late_effect
        assert effect is not None, "the registry takes no decision without declared late effects"
        when = effect.date(stored, derived, instant(own, self.tz), self.known_at)
        return None if when is None else stamp(when)

    def _schedule(self, answer: _Answer, when: str, chain: _Chain | None) -> None:
        self.apart = True
        draft = Draft(
            event=answer.event,
            effective=when,
            version=0,
            id="",
            key=(),
            rule=answer.rule,
            rule_sets=answer.rule_sets,
            causation=answer.causation,
        )
        if chain is not None:
            draft.succeeds = chain.latest.id
        self._push((when, FACT_PHASE, self.known, self.stream, 2 * 10**12, 0), draft)

    def _succeed(self, plan: Draft) -> None:
        """Draw a decision that starts later than its own moment, at the moment it starts."""
        if self.as_of is not None and plan.effective > self.as_of:
            return
        if isinstance(plan.event, DecisionEnded) and self._members[plan.event.decision].borne:
            return  # its ground was found again, at another place
        version = self.next_version
        key = (plan.effective, FACT_PHASE, self.known, self.stream, version, 1)
        draft = self._emit(plan.event, plan.effective, key, place_behind(version, 1))
        draft.rule, draft.rule_sets, draft.causation, draft.succeeds = (
            plan.rule,
            plan.rule_sets,
            plan.causation,
            plan.succeeds,
        )
        draft.late, draft.ended = True, plan.ended
        root = _Root(
            effective=plan.effective, recorded=self.known, stream=self.stream, version=version, turns=1
        )
        come = self._apply_or_end(plan.event, plan.ended, plan.effective)
        self._cascade(root, deque(self._answers(plan.event, plan.effective, draft.id)), come)

    def _meet_stored(self, item: Item) -> None:
        """Come to the place of a stored decision: it was met already, stands without being derived, or has lost its ground."""
        chain = self._members.get(item.id)
        if chain is None or (
            item is not chain.first and not chain.revised and (chain.matched or chain.stood)
        ):
            self._stand(item)
            return
        if item is not chain.first or chain.stood or chain.matched:
            return
        if chain.borne:
            chain.matched = chain.stood = True
            self._stand(item)
            return
        if self.absent and (item.row.causation is None or item.row.causation in self.absent):
            # What a plugin's fact was the ground of cannot be judged while the plugin is away: it stands as it is.
            chain.stood = self.apart = True
            self._stand(item)
            return
        when = self._date(None, item.event, item.effective)
        if when is not None and when <= item.effective:
            return
        chain.stood = self.apart = True
        self._stand(item)
        if chain.in_force is None:
            return
        if when is None:
            self.differences.append(
                Difference(item.event.stored_name, item.event, None, item.id, item.effective)
            )
            return
        ending = Draft(
            event=DecisionEnded(decision=chain.latest.id),
            effective=when,
            version=0,
            id="",
            key=(),
            succeeds=chain.latest.id,
            ended=chain.in_force,
        )
        row = chain.first.row
        ending.rule, ending.causation = row.rule, row.causation
        place = (row.causation or (row.place or "").rpartition("|")[0], row.rule or "", item.effective)
        pin = self._pins.get(place, {}).get(type(item.event))
        ending.rule_sets = self._looked.get(place) if pin is None else dict(pin.versions)
        self._push((when, FACT_PHASE, self.known, self.stream, 2 * 10**12, 0), ending)

    def _stand(self, item: Item) -> None:
        key = item.key
        if key[1] == FACT_PHASE:
            root = _Root(
                effective=item.effective, recorded=key[2], stream=key[3], version=key[4], turns=key[5]
            )
        else:
            root = _Root(effective=item.effective, rank=key[2], name=key[3], key_text=key[4], turns=key[5])
        come = self._apply_or_end(item.event, item.ended, item.effective)
        self._cascade(root, deque(self._answers(item.event, item.effective, item.id)), come)

    def _apply_or_end(self, event: Event, ended: Event | None, effective: str) -> list[Due]:
        """Apply a decision, or its end; return the moments that have come by it."""
        if not isinstance(event, DecisionEnded):
            return self._apply(event, effective)
        self._end(ended, effective)
        return []

    def _withdraw(self) -> None:
        """Take out of force the decisions that nothing supports any more."""
        for chain in self._chains.values():
            if chain.matched or chain.stood:
                continue
            first = chain.first
            draft = self._emit(DecisionWithdrawn(decision=first.id), first.effective, first.key, first.place)
            draft.replaces, draft.late = chain.ids(), True

    # ------------------------------------------------------------ deeds

    def act(self, emitted: Sequence[Draft], fired: Sequence[tuple[str, Due]]) -> None:
        """Do what new entries and arrived moments call for: once each, dated now."""
        if not self.room.effects:
            return
        self._judged_until, self._tail = "", False
        messages: list[tuple[Any, str | None]] = [(due, None) for _, due in fired]
        messages += [(d.event, d.id) for d in emitted if d.replaces is None]
        for message, cause in messages:
            for index, rule, handler in self.room.effects.get(type(message), ()):
                now = Moment(self, self.known)
                now.index = index
                for deed in handler(self.states[index], message, now):
                    if self.room.unknown(deed):
                        raise not_handed_over(handler, self.room.facets[index].name, deed)
                    self._do(deed, rule, now, cause)

    def done_before(self, deeds: Sequence[tuple[Event, Any]]) -> None:
        """Take in deeds that were done, as they are: a re-run never does anything again."""
        self._judged_until, self._tail = "", False
        for deed, tag in deeds:
            self._feed_fact(deed, self.known, True, tag)

    def _do(self, deed: Any, rule: str, now: Moment, cause: str | None) -> None:
        if not isinstance(deed, Deed):
            raise PluginError("not_a_deed", f"an effect of {rule} yielded {deed!r}", accepts="deeds")
        ident = key_text_of(deed)
        if len(ident) > 1 and ident in self.done:
            return
        self.done.add(ident)
        start = len(self.out)
        self._feed_fact(deed, self.known, True, None)
        draft = self.out[start]
        draft.rule, draft.rule_sets, draft.causation = rule, now.used, cause


def _due_at(when: Any, handler: Any) -> str:
    """Return the stamp of a moment that a handler named; a moment that is none is the plugin's mistake, not the clerk's."""
    try:
        return stamp(when)
    except Invalid as error:
        who = name_of_handler(handler)
        raise PluginError(
            "bad_due_moment",
            f"{who} named {when!r} as a moment: {error.message}",
            zh=f"{who} 给出的时刻为 {when!r}：{error.zh}",
            accepts="an aware datetime, such as midnight_after(day, now.at.tzinfo)",
        ) from error


def not_handed_over(handler: Any, facet: str, event: Any) -> PluginError:
    """Return the error that names a handler, its plugin and an event that it yielded and nobody handed over."""
    who, cls = name_of_handler(handler), type(event)
    what = f"{cls.stored_name or 'an event without a name'} ({cls.__module__}.{cls.__qualname__})"
    plugin = facet.partition(".")[0]
    return PluginError(
        "event_not_handed_over",
        f"{plugin}: {who} of {facet} yielded {what}, which is not among Parts.events",
        zh=f"{plugin}：{facet} 的 {who} 给出了 {what}，但它不在 Parts.events 中",
        accepts="the class in Parts.events",
    )


def _distinct(pins: Iterable[Pin]) -> list[Pin]:
    """Return pins without repeats, in the order given."""
    out: list[Pin] = []
    for each in pins:
        if each not in out:
            out.append(each)
    return out


def kind_of(event: Event) -> str:
    """Return the kind of entry an event becomes."""
    return type(event).entry_kind.value
