"""Explaining: the entries behind a decision down to the first fact, and what made hindsight put another in its place.

What a decision was drawn from is stored with it. Which moment set it running and which parameters it looked at are found by
handing the same messages to the same handlers again; which of several facts learned at once it needed, by judging without each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import suppress
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

import attrs
import msgspec

from guanxi.kernel.entries import Entry, one_transaction
from guanxi.kernel.errors import GuanxiError
from guanxi.kernel.judging import Judge
from guanxi.kernel.lines import Change, Line, RulesUsed, Superseded, Trigger
from guanxi.kernel.messages import Decision, Due, Event, fields_of
from guanxi.kernel.rules import Pin, Published, RuleBook, RuleSet
from guanxi.kernel.standard import EntryCorrected, EntryVoided, StreamLinked, StreamUnlinked
from guanxi.kernel.timeline import FACT_PHASE, Cut, Item, Origin
from guanxi.kernel.times import LATEST, TICK, stamp
from guanxi.kernel.walk import Moment, Walk

if TYPE_CHECKING:
    from guanxi.kernel.history import History
    from guanxi.kernel.ledger import Ledger

R = TypeVar("R", bound=RuleSet)

Root = tuple[str, ...]
"""What a cascade of decisions stands behind: an entry's id, or a due moment's stamp, name and key."""

PAST_AT_MOST = 50
"""How many past timelines an explanation looks at; beyond that today's one answers for what was replaced."""

TELLABLE = 5
"""Of how many facts learned at once an explanation finds out which were needed."""

_DRAWN = ("decision", "deed")
_LINKS = (StreamLinked.stored_name, StreamUnlinked.stored_name)


class Explaining:
    """Answers for one history at its cut.

    Args:
        history: which.
        ledger: where it is kept.
    """

    def __init__(self, history: History, ledger: Ledger) -> None:
        self._history, self._ledger = history, ledger
        self._judged = history.judged()
        self._book = history.book()
        self._entries: dict[str, list[Entry]] = {}
        self._read_whole: set[str] = set()
        self._without: dict[tuple[str, str], list[tuple[Event, str]]] = {}
        self._lines: dict[str, Line] = {line.id: line for line in history.all_lines()}
        origin = Origin(history.stream, (), {})
        for draft in self._judged.drafts:
            # What is about to be withdrawn names an entry that no timeline holds.
            self._lines.setdefault(draft.id, history.pending(draft.as_item("", origin)))
        self._moments: dict[str, _Moments] = {}
        self._publications = {
            (p.rule_set, p.version): p
            for name in self._book.classes
            if self._book.versions(name)
            for p in self._ledger.publications(name)
        }

    # ------------------------------------------------------------ what stands behind

    def behind(self, line: Line) -> tuple[Line, ...]:
        """Return the entries behind a decision, from its own cause down to the first fact."""
        out: list[Line] = []
        seen, cause = {line.id}, self._cause(line)
        while cause is not None and cause.id not in seen:
            seen.add(cause.id)
            out.append(cause)
            cause = self._cause(cause)
        return tuple(out)

    def _cause(self, line: Line) -> Line | None:
        if line.causation is not None and line.causation != line.id:
            return self.line(line.causation)
        if line.kind not in _DRAWN or line.place is None:
            return None
        root = _root_of(line)
        setter = self._setter(line, root)
        if setter is None and len(root) == 1:
            setter = root[0]
        return self.line(setter) if setter not in (None, line.id) else None

    def _setter(self, line: Line, root: Root) -> str | None:
        """Return the entry that set the moment running from which a decision was drawn."""
        found = (moments.setter(line, root) for moments in self._moments_of(line))
        return next((entry for entry in found if entry is not None), None)

    def _moments_of(self, line: Line) -> Iterator[_Moments]:
        """Yield the moments of the timelines that a decision may have been drawn along, the likeliest first.

        What set a moment running may be gone as the decision is, so that only what was known then has it still; where a
        decision was written down and replaced at once, only what was known right before.
        """
        if line.recorded_at is not None and line.status in ("replaced", "withdrawn"):
            for known in (stamp(line.recorded_at), stamp(line.recorded_at - TICK)):
                if known in self._moments or len(self._moments) < PAST_AT_MOST:
                    yield self._moments_at(known)
        yield self._moments_at("")
        stream = line.id.rpartition("/")[0]
        if stream != self._history.stream:
            # A link that ended shows its stream no longer; what was drawn there was drawn there.
            if stream not in self._moments:
                own = type(self._history)(self._ledger, stream, self._history.cut)
                self._moments[stream] = _Moments(own, self._ledger, self._book)
            yield self._moments[stream]

    def _moments_at(self, known: str) -> _Moments:
        if known not in self._moments:
            history = self._history.as_known(datetime.fromisoformat(known)) if known else self._history
            self._moments[known] = _Moments(history, self._ledger, self._book)
        return self._moments[known]

    def line(self, entry: str) -> Line | None:
        """Return an entry of any stream as a line, None if there is none at the cut."""
        stream = entry.rpartition("/")[0]
        if entry not in self._lines and stream not in self._read_whole:
            self._read_whole.add(stream)
            for line in self._history.lines_among(self._stored(stream)):
                self._lines.setdefault(line.id, line)
        return self._lines.get(entry)

    def _stored(self, stream: str) -> list[Entry]:
        if stream not in self._entries:
            self._entries[stream] = self._history.known(self._ledger.store.entries(stream))
        return self._entries[stream]

    # ------------------------------------------------------------ rule sets

    def rules(self, line: Line, because: Sequence[Line] = ()) -> tuple[RulesUsed, ...]:
        """Return the rule-set versions under which a decision and those behind it were drawn, with the parameters looked at."""
        return tuple(used for each in (line, *because) for used in self._rules(each))

    def _rules(self, line: Line) -> tuple[RulesUsed, ...]:
        if not line.rule_sets:
            return ()
        read = self._looked_at(line)
        out: list[RulesUsed] = []
        for name, version in line.rule_sets.items():
            cls = self._book.classes.get(name)
            values: dict[str, Any] = {}
            if cls is not None:
                value, _ = self._book.version(cls, version)
                looked_at = read.get(name) or {a.name for a in fields_of(cls)}
                values = {a.name: getattr(value, a.name) for a in fields_of(cls) if a.name in looked_at}
            published = self._publications.get((name, version))
            out.append(RulesUsed(name, version, values, published, line.id))
        return tuple(out)

    def _looked_at(self, line: Line) -> Mapping[str, set[str]]:
        """Return the parameters that a decision's rule looked at, by rule set; nothing where that cannot be told any more."""
        root = _root_of(line)
        return next((found for m in self._moments_of(line) if (found := m.read(line, root))), {})

    # ------------------------------------------------------------ what was learned

    def superseded(self, line: Line) -> Superseded:
        """Return what took the place of an entry that no longer counts, and why."""
        by = self.line(line.replaced_by) if line.replaced_by else None
        triggers = () if by is None else self.triggers(by, line)
        because = self.behind(line)
        return Superseded(line, by, triggers, because, self.rules(line, because))

    def gone(self, by: Line) -> Line | None:
        """Return the decision whose place one takes, or that it follows from a later day; None if there is none."""
        succeeds = by.entry.succeeds if by.entry is not None else None
        before = (by.replaces or succeeds or "").partition(" ")[0]
        return self.line(before) if before else None

    def triggers(self, by: Line, gone: Line | None = None) -> tuple[Trigger, ...]:
        """Return what was learned that brought an entry into another's place.

        Args:
            by: the entry that took the place, or follows from a later day.
            gone: the one whose place it took.
        """
        if by.kind not in _DRAWN:
            return (_told(by),)
        before, group, until = self._transaction(by)
        moment = max(stamp(x.effective_from) for x in (by, gone) if x is not None)
        facts = tuple(_told(line) for line in self._facts(group, moment))
        published = list(self._retroactive(before, until, moment))
        drawn = group if by.entry is not None else [x for x in self._lines.values() if x.entry is None]
        rules = tuple(self._published(p) for p in published if self._heeded(p, drawn))
        if rules and gone is not None and _names_one(by, gone, rules):
            return rules
        if 1 < len(facts) <= TELLABLE and not rules and by.entry is not None:
            return self._needed(by, group, facts)
        if facts or rules:
            return _weighed((*rules, *facts))
        if linked := tuple(self._linked(before, until, moment)):
            return _weighed(linked)
        if published:
            return tuple(map(self._published, published))
        return (Trigger("facets", versions=self._plugin_versions(by, gone)),)

    def _transaction(self, by: Line) -> tuple[str, list[Line], str]:
        """Return when the stream was judged before, the entries recorded together with one, and when that was."""
        stream = by.id.rpartition("/")[0]
        stored = self._stored(stream)
        if by.entry is None:
            return (stored[-1].recorded_at if stored else ""), [], LATEST
        first = last = by.entry.version - 1
        while first > 0 and one_transaction(stored[first - 1], stored[first]):
            first -= 1
        while last + 1 < len(stored) and one_transaction(stored[last], stored[last + 1]):
            last += 1
        together = [line for e in stored[first : last + 1] if (line := self.line(e.id)) is not None]
        return (stored[first - 1].recorded_at if first else ""), together, by.entry.recorded_at

    def _facts(self, group: Sequence[Line], moment: str) -> list[Line]:
        """Return what was told in a transaction that can have changed what counts from a moment."""
        told = [x for x in group if x.kind not in _DRAWN and x.entry is not None]
        marks = [x for x in told if x.entry is not None and x.entry.target is not None]
        return marks + [x for x in told if x not in marks and stamp(x.effective_from) <= moment]

    def _retroactive(self, after: str, until: str, moment: str) -> Iterator[Published]:
        for p in self._book.retroactive:
            if after < p.recorded_at <= until and p.effective_from <= moment:
                yield p

    def _needed(self, by: Line, group: Sequence[Line], facts: tuple[Trigger, ...]) -> tuple[Trigger, ...]:
        """Return those of the facts learned at once without which a decision would not be there; all of them where that cannot be told."""
        if by.event is None or not self._stands(by, group, ""):
            return _weighed(facts)
        needed = [t for t in facts if t.line is not None and not self._stands(by, group, t.line.id)]
        return tuple(needed) or _weighed(facts)

    def _stands(self, by: Line, group: Sequence[Line], without: str) -> bool:
        """Whether a decision comes out of what was told in its transaction, judged again without one fact."""
        stream = by.id.rpartition("/")[0]
        key = (group[0].id, without)
        if key not in self._without:
            if len(self._without) >= PAST_AT_MOST:
                return False
            self._without[key] = self._outcome(stream, group, without)
        return (by.event, stamp(by.effective_from)) in self._without[key]

    def _outcome(self, stream: str, group: Sequence[Line], without: str) -> list[tuple[Event, str]]:
        told = [x.entry for x in group if x.entry is not None]
        left_out = {e.version for e in told if e.kind in _DRAWN or e.id == without}
        last, known = told[-1].version, told[-1].recorded_at
        ledger, head = self._ledger, self._ledger.store.heads([stream])[stream]
        rows = [r for r in ledger.store.fold_rows(stream) if r.version <= last and r.version not in left_out]
        installed = ledger.judge()
        judge = Judge(installed.house, self._book, installed.timelines, installed.tz)
        linked = ledger.linked(stream, rows)
        try:
            judged = judge.state(
                head.subject, stream, rows, Cut(as_known=known), known, linked, facets_changed=True
            )
        except GuanxiError:
            return []  # without a fact that others build on, there may be nothing to judge
        return [(d.event, d.effective) for d in judged.drafts]

    def _heeded(self, p: Published, group: Sequence[Line]) -> bool:
        """Whether a publication changed what was decided: some decision of a transaction came out otherwise because of it.

        Through that one it changes others, which need not read the rule set themselves.
        """
        told = {x.id for x in group if x.kind not in _DRAWN}
        return any(self._moved(p, x, told) for x in group if x.kind == "decision")

    def _moved(self, p: Published, line: Line, told: Set[str]) -> bool:
        """Whether a decision, or the one whose place it takes, looked at what a publication changed."""
        gone = self.gone(line)
        now = (line.rule_sets or {}).get(p.rule_set)
        was = None if gone is None else (gone.rule_sets or {}).get(p.rule_set)
        if (now is None and was is None) or now not in (None, p.version) or was == p.version:
            return False
        read = self._parameters(line, p.rule_set) if now is not None else set()
        if gone is None or was is None:
            # What was drawn from something just told would have been under any version.
            anew = told.isdisjoint(x.id for x in self.behind(line))
            return anew and any(c.field in read for c in self._published(p).changes)
        read |= self._parameters(gone, p.rule_set)
        cls = self._book.classes[p.rule_set]
        before, after = self._book.version(cls, was)[0], self._book.version(cls, p.version)[0]
        return any(c.field in read for c in changes_of(before, after))

    def _parameters(self, line: Line, rule_set: str) -> set[str]:
        looked_at = self._looked_at(line).get(rule_set)
        return looked_at or {a.name for a in fields_of(self._book.classes[rule_set])}

    def _published(self, p: Published) -> Trigger:
        """Return a publication with what it changed against the version that was in force before."""
        cls = self._book.classes[p.rule_set]
        earlier = RuleBook([cls], (v for v in self._book.versions(p.rule_set) if v.version != p.version))
        before, _ = earlier.find(cls, p.effective_from, p.recorded_at)
        return Trigger("rules", self.line(p.entry), changes_of(before, p.value))

    def _linked(self, after: str, until: str, moment: str) -> Iterator[Trigger]:
        """Yield links that began or ended meanwhile, and what was entered in linked streams."""
        own = [self.line(e.id) for e in self._stored(self._history.stream)]
        links = [x for x in own if x is not None and x.name in _LINKS]
        for line in links:
            if after < stamp(line.effective_from) <= until:
                yield Trigger("link", line)
        for stream in dict.fromkeys(str((x.fields or {}).get("other")) for x in links):
            for e in self._stored(stream):
                learned = after < e.recorded_at <= until and e.kind not in _DRAWN
                if learned and (e.target is not None or e.effective_from <= moment):
                    yield Trigger("linked", self.line(e.id))

    def _plugin_versions(self, by: Line, gone: Line | None) -> tuple[str, str] | None:
        if gone is None or gone.entry is None:
            return None
        now = by.entry.plugin_version if by.entry else self._ledger.owners.get(by.name, ("", "?"))[1]
        return f"{gone.entry.plugin} {gone.entry.plugin_version}", f"{gone.entry.plugin} {now}"


def changes_of(before: RuleSet, after: RuleSet) -> tuple[Change, ...]:
    """Return the parameters in which two versions of a rule set differ, in their order."""
    return tuple(
        Change(a.name, getattr(before, a.name), getattr(after, a.name))
        for a in fields_of(type(after))
        if getattr(before, a.name) != getattr(after, a.name)
    )


def _weighed(triggers: tuple[Trigger, ...]) -> tuple[Trigger, ...]:
    """Return what was learned at once, none of it certain where there is more than one."""
    return triggers if len(triggers) == 1 else tuple(attrs.evolve(t, certain=False) for t in triggers)


def _told(line: Line) -> Trigger:
    kinds: dict[str, Literal["correction", "void"]] = {
        EntryCorrected.stored_name: "correction",
        EntryVoided.stored_name: "void",
    }
    return Trigger(kinds.get(line.name, "late"), line)


def _names_one(by: Line, gone: Line, rules: Sequence[Trigger]) -> bool:
    """Whether the two were drawn under different versions, the later one under one that was just published."""
    published = {
        (x.line.fields["rule_set"], x.line.fields["version"])
        for x in rules
        if x.line is not None and x.line.fields
    }
    return by.rule_sets != gone.rule_sets and any(v in published for v in (by.rule_sets or {}).items())


def _root_of(line: Line) -> Root:
    place = line.place or ""
    if place.startswith("@"):
        name, _, rest = place[1:].partition("|")
        return (stamp(line.effective_from), name, rest.rpartition("|")[0])
    behind = place.rpartition(".")[0].partition("@")[0]
    return (behind if "/" in behind else f"{line.id.rpartition('/')[0]}/{behind}",)


# ---------------------------------------------------------------- handing messages to handlers again


@attrs.define
class _Set:
    """A moment that an entry set running."""

    entry: str
    due: Due
    order: int


class _Moments:
    """Which entry set which moment running along one timeline, and which parameters its decisions looked at."""

    def __init__(self, history: History, ledger: Ledger, book: RuleBook) -> None:
        judged = history.judged()
        self._room = judged.room
        self._waiting: dict[Root, list[_Set]] = {}
        self._at_once: dict[Root, list[_Set]] = {}
        self._reads: dict[tuple[str, str], dict[str, set[str]]] = {}
        self._fired: set[Root] = set()
        self._noted = _NotedBook(book)
        self._pins = _pins(judged.items)
        known = stamp(ledger.clock())
        self._walk = Walk(self._room, self._noted, history.stream, 1, known, ledger.tz)
        for order, item in enumerate(judged.items):
            self._pass(item, order)

    def setter(self, line: Line, root: Root) -> str | None:
        """Return the entry that set a decision's moment running: one that had come at once, or the one it stands behind."""
        found = self._set(line, root)
        return None if found is None else found.entry

    def _set(self, line: Line, root: Root) -> _Set | None:
        for candidate in reversed(self._at_once.get(root, ())):
            if candidate.entry != line.id and self._fits(candidate.due, line):
                return candidate
        waiting = self._waiting.get(root)
        return waiting[-1] if waiting else None

    def _fits(self, due: Due, line: Line) -> bool:
        """Whether a decision can have been drawn from a moment: its rule reacts to that, and what both state is the same."""
        if not any(rule == line.rule for _, rule, _ in self._room.reactions.get(type(due), ())):
            return False
        shared = [a.name for a in fields_of(type(due)) if hasattr(line.event, a.name)]
        return all(getattr(due, name) == getattr(line.event, name) for name in shared)

    def read(self, line: Line, root: Root) -> Mapping[str, set[str]]:
        """Return the parameters that a decision's rule looked at, by rule set."""
        rule = line.rule or ""
        if line.causation is not None:
            return self._reads.get((line.causation, rule), {})
        found = self._set(line, root)
        if found is None:
            return {}
        return self._reads.get((_at_once(found), rule)) or self._reads.get(("|".join(root), rule), {})

    # Going along

    def _pass(self, item: Item, order: int) -> None:
        root = _item_root(item)
        if len(root) == 3 and root not in self._fired:
            self._fired.add(root)
            for one in self._waiting.get(root, ())[-1:]:
                self._note(one.due, root[0], "|".join(root))
        self._walk.fold([item], ("", 0))
        self._note(item.event, item.effective, item.id)
        for index, handler in self._room.dues.get(type(item.event), ()):
            for when, due in handler(
                self._walk.states[index], item.event, Moment(self._walk, item.effective)
            ):
                one, at = _Set(item.id, due, order), stamp(when)
                if at <= item.effective:
                    self._at_once.setdefault(root, []).append(one)
                    self._note(due, item.effective, _at_once(one))
                else:
                    key = (at, due.stored_name, msgspec.json.encode(due).decode())
                    self._waiting.setdefault(key, []).append(one)

    def _note(self, message: Any, at: str, cause: str) -> None:
        """Hand a message to the rules that drew something from it, and note what they look at."""
        for index, rule, handler in self._room.reactions.get(type(message), ()):
            pins = self._pins.get((cause, rule)) or self._pins.get((at, rule))
            if pins is None:
                continue
            self._noted.read = {}
            with suppress(Exception):  # an explanation goes without what a handler cannot repeat
                list(handler(self._walk.states[index], message, Moment(self._walk, at, pinned=pins)))
                self._reads[(cause, rule)] = self._noted.read


def _pins(items: Sequence[Item]) -> dict[tuple[str, str], Pin]:
    """Return the versions that decisions name, by what they were drawn from, or by their moment, and by rule."""
    out: dict[tuple[str, str], Pin] = {}
    for item in items:
        r = item.row
        if r.rule_sets and r.rule and isinstance(item.event, Decision):
            versions = msgspec.json.decode(r.rule_sets)
            out[(r.causation or item.effective, r.rule)] = Pin(versions, item.drawn_first, r.recorded_at)
    return out


def _at_once(one: _Set) -> str:
    return f"{one.entry}>{one.due.stored_name}|{msgspec.json.encode(one.due).decode()}"


def _item_root(item: Item) -> Root:
    key = item.key
    return (f"{key[3]}/{key[4]}",) if key[1] == FACT_PHASE else (item.effective, key[3], key[4])


class _NotedBook(RuleBook):
    """A book that notes which parameters are looked at."""

    def __init__(self, book: RuleBook) -> None:
        self._book = book
        self.read: dict[str, set[str]] = {}

    def find(self, cls: type[R], at: str, known: str) -> tuple[R, int]:
        """Return what the book has, noting what is looked at."""
        value, version = self._book.find(cls, at, known)
        return self._noted(value), version

    def pinned(self, cls: type[R], pin: Pin, at: str) -> tuple[R, int]:
        """Return what the book has, noting what is looked at."""
        value, version = self._book.pinned(cls, pin, at)
        return self._noted(value), version

    def _noted(self, value: R) -> R:
        cls: Any = type(value)
        noted = object.__new__(_noting(cls))
        for a in fields_of(cls):
            object.__setattr__(noted, a.name, getattr(value, a.name))
        object.__setattr__(noted, "_noted", self.read.setdefault(cls.stored_name, set()))
        return cast(R, noted)


@cache
def _noting(cls: type[RuleSet]) -> type[RuleSet]:
    """Return a subclass that notes which parameters are looked at."""
    names = frozenset(a.name for a in fields_of(cls))

    def look(self: Any, name: str) -> Any:
        if name in names:
            object.__getattribute__(self, "_noted").add(name)
        return object.__getattribute__(self, name)

    return cast(
        "type[RuleSet]", type(cls.__name__, (cls,), {"__slots__": ("_noted",), "__getattribute__": look})
    )
