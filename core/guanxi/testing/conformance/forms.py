"""Serialisable and upcast-complete: what is stored reads back exactly, today's form and every older one."""

from __future__ import annotations

import copy
import typing
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import msgspec

from guanxi.kernel.codec import Codec
from guanxi.kernel.errors import GuanxiError
from guanxi.kernel.messages import Due, Event, fields_of
from guanxi.kernel.registry import Registry
from guanxi.kernel.rules import RuleSet, parameters_of, rule_set_from
from guanxi.kernel.standard import MECHANISM
from guanxi.testing.examining import Broken, Examination, NotApplicable, failed
from guanxi.testing.findings import Finding, found
from guanxi.testing.golden import Golden, GoldenEntry
from guanxi.testing.histories import draw, messages, rule_values
from guanxi.testing.telling import Told

VALUES = 15
"""How many values of each class are made up."""


# ---------------------------------------------------------------- today's form


def serialisable(x: Examination) -> Finding:
    """Every event, command and rule set reads back from what is stored of it, byte for byte, and none holds a float."""
    parts = x.parts
    own: tuple[type[Any], ...] = (*parts.events, *parts.commands, *parts.rule_sets)
    kinds = (*own, *_dues(x))
    if not kinds:
        raise NotApplicable("it stores nothing")
    for cls in kinds:
        if (name := _float_field(cls)) is not None:
            text = f"{cls.stored_name}.{name} is a float, which is not exact"
            return found("serialisable", "failed", text, cls.stored_name)
    for cls in own:
        if cls in MECHANISM:
            continue
        for value in _made_up(cls):
            wrong = _round_trip(value, x.told()[0].ledger.codec)
            if wrong is not None:
                return found("serialisable", "failed", wrong, repr(value))
    if not parts.facets:
        return found("serialisable", "met", f"{len(kinds)} classes")
    finding = x.each("serialisable", _stored_reads_back)
    return finding if finding.status != "met" else _yielded_reads_back(x) or finding


def _dues(x: Examination) -> Iterator[type[Due]]:
    for facet in x.parts.facets:
        for table in (facet.reactions, facet.effects):
            yield from (k for k in table if issubclass(k, Due))


def _float_field(cls: type[Any]) -> str | None:
    hints = typing.get_type_hints(cls)
    return next((a.name for a in fields_of(cls) if _has_float(hints[a.name])), None)


def _has_float(hint: Any) -> bool:
    return hint is float or any(_has_float(t) for t in typing.get_args(hint))


def _made_up(cls: type[Any]) -> list[Any]:
    try:
        strategy = rule_values(cls) if issubclass(cls, RuleSet) else messages(cls)
    except TypeError:
        return []
    drawn: Any = draw(strategy, VALUES)
    return [v for v in drawn if v is not None]


def _round_trip(value: Any, codec: Codec) -> str | None:
    name = value.stored_name
    try:
        if isinstance(value, RuleSet):
            again: Any = rule_set_from(type(value), parameters_of(value))
            return None if again == value else f"{name} reads back as {again!r}"
        if isinstance(value, Event):
            stored, _ = codec.encode(value, "a stream", 1)
            again = codec.decode(name, type(value).schema_version, stored, "a stream", 1)
            return None if again == value else f"{name} reads back as {again!r}"
        text = msgspec.json.encode(value, order="sorted")
        again = msgspec.json.decode(text, type=type(value))
        if again != value:
            return f"{name} reads back as {again!r}"
        other = msgspec.json.encode(again, order="sorted")
        return (
            None if other == text else f"{name} is stored as {text!r}, and read and stored again as {other!r}"
        )
    except Exception as error:  # noqa: BLE001 - whatever a class's code raises is what is asked
        return f"{name} cannot be stored and read: {type(error).__name__}: {error}"


def _stored_reads_back(told: Told) -> Broken | None:
    codec = told.ledger.codec
    own = {e.stored_name for e in told.parts.events}
    for stream in told.streams():
        for row in told.rows(stream):
            if row.name not in own:
                continue
            event = told.event(stream, row)
            if event is None:
                continue
            payload, _ = codec.encode(event, stream, row.version)
            again = codec.decode(row.name, type(event).schema_version, payload, stream, row.version)
            if again != event or payload != row.payload:
                return Broken(
                    f"it is stored as {row.payload}, and read and stored again as {payload}",
                    told.entry(stream, row),
                )
    return None


def _yielded_reads_back(x: Examination) -> Finding | None:
    """Compare what commands yielded with what is on record: a field that takes any value may lose its type."""
    for story in x.some(4):
        told = Told(x.parts, story, actor=x.actor)
        try:
            told.begin()
            broken = _live(told)
        finally:
            told.close()
        if broken is not None:
            return failed("serialisable", broken, story)
    return None


def _live(told: Told) -> Broken | None:
    """Decide each command and compare the event that its decider yields with its stored form."""
    codec = told.ledger.codec
    seen: list[tuple[Event, Event]] = []
    encode = codec.encode

    def noted(event: Event, stream: str, version: int) -> Any:
        payload, subject = encode(event, stream, version)
        again = codec.decode(event.stored_name, type(event).schema_version, payload, stream, version)
        if again is not None and again != event:
            seen.append((event, again))
        return payload, subject

    codec.encode = noted  # type: ignore[method-assign]
    try:
        told.tell()
    finally:
        codec.encode = encode  # type: ignore[method-assign]
    for event, again in seen:
        if event.stored_name in {e.stored_name for e in told.parts.events if e not in MECHANISM}:
            return Broken(f"{event!r} reads back as {again!r}", told.first_of([type(event)]) or repr(event))
    return None


# ---------------------------------------------------------------- older forms


def upcast_complete(x: Examination) -> Finding:
    """Every older schema version leads to the present one, and every golden entry is read by today's classes."""
    own = [e for e in x.parts.events if e not in MECHANISM]
    if not own:
        raise NotApplicable("it has no events")
    try:
        Registry([*MECHANISM, *own], x.parts.upcasters)
    except GuanxiError as error:
        return found("upcast_complete", "failed", error.describe())
    for golden in x.golden:
        for line, entry in enumerate(golden.entries, 1):
            text = _read(x.told()[0].ledger.codec, entry, x.parts.name)
            if text is not None:
                return found("upcast_complete", "failed", text, _golden_entry(golden, line, entry))
    if (broken := _folded(x)) is not None:
        return failed("upcast_complete", broken)
    older = [(e.stored_name, v) for e in own for v in range(1, e.schema_version)]
    shown = {(e.name, e.schema) for g in x.golden for e in g}
    missing = ", ".join(f"{name} v{v}" for name, v in older if (name, v) not in shown)
    read = sum(len(g.entries) for g in x.golden)
    note = f"; no golden entry shows {missing}" if missing else ""
    return found(
        "upcast_complete", "met", f"{len(own)} events, {len(older)} older forms, {read} golden entries{note}"
    )


def _golden_entry(golden: Golden, line: int, entry: GoldenEntry) -> str:
    return f"{golden.title} line {line}, {entry.effective_from[:16].replace('T', ' ')}, {entry.name} v{entry.schema}"


def _read(codec: Codec, entry: GoldenEntry, prefix: str) -> str | None:
    registry = codec.registry
    cls = registry.find(entry.name)
    if cls is None:
        return "no class reads it any more" if entry.name.startswith(prefix + ".") else None
    if entry.schema > cls.schema_version:
        return f"it was stored under schema version {entry.schema}, the class is at {cls.schema_version}"
    given = copy.deepcopy(entry.fields)
    try:
        fields = registry.upcast(entry.name, entry.schema, given)
        if registry.upcast(entry.name, entry.schema, copy.deepcopy(entry.fields)) != fields:
            return "an upcaster makes two things of the same fields"
        codec.build(entry.name, fields)
    except Exception as error:  # noqa: BLE001 - whatever an upcaster or a class raises is what is asked
        return f"it cannot be read: {type(error).__name__}: {error}"
    return None


def _folded(x: Examination) -> Broken | None:
    """Fold the golden histories: evolve handlers are total over what is on record."""
    for golden in x.golden:
        codec = x.told()[0].ledger.codec
        states = [(f, f.state()) for f in x.parts.facets]
        ordered: Iterable[tuple[int, GoldenEntry]] = sorted(
            enumerate(golden.entries, 1), key=lambda pair: pair[1].effective_from
        )
        for line, entry in ordered:
            cls = codec.registry.find(entry.name)
            if cls is None:
                continue
            fields = codec.registry.upcast(entry.name, entry.schema, copy.deepcopy(entry.fields))
            event = codec.build(entry.name, fields)
            for facet, state in states:
                if cls not in facet.evolvers:
                    continue
                handler, wide = facet.evolvers[cls]
                at = (datetime.fromisoformat(entry.effective_from),) if wide else ()
                try:
                    handler(state, event, *at)
                except Exception as error:  # noqa: BLE001 - what a handler raises is what is asked
                    text = f"{facet.name} cannot fold it: {type(error).__name__}: {error}"
                    return Broken(text, _golden_entry(golden, line, entry))
    return None
