"""What a history answers with: entries as a person reads them, differences, and explanations. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import attrs

from guanxi.kernel.entries import Entry
from guanxi.kernel.messages import Event
from guanxi.kernel.rule_books import Publication


@attrs.frozen
class DueMoment:
    """The arrival of a moment, from which a decision was drawn.

    Args:
        name: stored name of the due message.
        fields: what it is about.
        at: when it arrived.
    """

    name: str
    fields: Mapping[str, Any]
    at: datetime


@attrs.frozen
class Line:
    """One entry of a history, with everything a reader asks: who, what, when, why, and what became of it.

    Args:
        id: the entry's id; for what is not written down yet, the place it will have.
        kind: fact, act, decision, deed or run.
        name: stored event name.
        fields: the event's fields, personal ones unsealed or ``(erased)``; None for an absent plugin's entry.
        entry: the stored entry; None for a pending decision.
        status: ``in force``, ``replaced``, ``withdrawn``, ``corrected``, ``voided``, ``pending`` or ``opaque``.
        replaced_by: id of the entry that replaced, withdrew, corrected or voided it.
        causation: id of the entry that it was drawn from.
        event: the same as ``fields``, as the event's class; None for an absent plugin's entry.
        place: where a decision stands in the order of counting, as stored.
        due: the moment whose arrival brought it, where one did.
        without_ground: whether it stands although the decision that it was done on has fallen away (CORE-05).
        replaces: ids of the decisions whose place it takes, with blanks between; of one that was withdrawn and is drawn
            again, the withdrawal's.
    """

    id: str
    kind: str
    name: str
    effective_from: datetime
    recorded_at: datetime | None
    fields: Mapping[str, Any] | None
    entry: Entry | None
    status: str
    reason: str | None = None
    replaced_by: str | None = None
    rule: str | None = None
    rule_sets: Mapping[str, int] | None = None
    causation: str | None = None
    event: Event | None = None
    place: str | None = None
    due: DueMoment | None = None
    replaces: str | None = None
    without_ground: bool = False


@attrs.frozen
class Change:
    """A value that differs between two cuts, or a parameter that differs between two versions."""

    field: str
    before: Any
    after: Any


@attrs.frozen
class RulesUsed:
    """A version of a rule set under which a decision was drawn.

    Args:
        name: the rule set's stored name.
        version: its number; 0 for the default values.
        parameters: the values that the decision looked at; all of them where that cannot be told any more.
        publication: how the version was published; None for the default values.
        entry: id of the decision.
    """

    name: str
    version: int
    parameters: Mapping[str, Any]
    publication: Publication | None = None
    entry: str = ""


@attrs.frozen
class Trigger:
    """What was learned that made hindsight judge again.

    Args:
        kind: ``late`` for a fact that counts from before something decided, ``correction``, ``void``; ``rules`` for a
            rule set published with effect in the past; ``linked`` for an entry of a linked stream; ``link`` for a link
            that began or ended; ``facets`` where other facets judged than before.
        line: the entry; None for ``facets``.
        changes: the parameters that a published rule set changed.
        versions: the plugin's version before and after, for ``facets``.
        certain: whether this alone made it so; False where more was learned together that can have.
    """

    kind: Literal["late", "correction", "void", "rules", "linked", "link", "facets"]
    line: Line | None = None
    changes: tuple[Change, ...] = ()
    versions: tuple[str, str] | None = None
    certain: bool = True


@attrs.frozen
class Step:
    """One entry that changed an explained value: what it was before and after, and why.

    Args:
        line: the entry.
        before: the value before it.
        after: the value after it.
        inputs: what a decision was drawn from.
        thresholds: what its inputs were compared with.
        because: the entries behind a decision, from its own cause down to the first fact.
        rules: the rule-set versions it was drawn under, and those of the decisions behind it.
        triggers: what made hindsight draw it, where it takes another decision's place or follows one from a later day.
    """

    line: Line
    before: Any
    after: Any
    inputs: Mapping[str, Any]
    thresholds: Mapping[str, Any]
    because: tuple[Line, ...] = ()
    rules: tuple[RulesUsed, ...] = ()
    triggers: tuple[Trigger, ...] = ()


@attrs.frozen
class Superseded:
    """An entry that no longer counts, what took its place, and why.

    Args:
        line: the entry.
        replaced_by: what replaced, withdrew, corrected or voided it.
        triggers: what was learned that made it so.
        because: the entries behind it, as a step's.
        rules: the rule-set versions it was drawn under, as a step's.
    """

    line: Line
    replaced_by: Line | None
    triggers: tuple[Trigger, ...]
    because: tuple[Line, ...] = ()
    rules: tuple[RulesUsed, ...] = ()


@attrs.frozen
class Explanation:
    """Why a field of a facet's state is what it is.

    Args:
        field: ``facet.attribute``, or the facet alone.
        value: its value at the cut.
        steps: the entries that changed it, in order.
        superseded: entries of the facet that no longer count, with what took their place and why.
    """

    field: str
    value: Any
    steps: tuple[Step, ...]
    superseded: tuple[Superseded, ...]
