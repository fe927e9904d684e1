"""The static manifest: what a plugin says of itself in ``plugin.toml``, made from its code and compared with it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from guanxi.kernel.labels import Label
from guanxi.kernel.messages import fields_of, personal_of
from guanxi.kernel.plugins.parts import Parts

FORMAT = 1

_BARE = re.compile(r"[A-Za-z0-9_-]+\Z")


@attrs.frozen
class OwnedEvent:
    """An event a plugin owns.

    Args:
        kind: ``fact``, ``act``, ``decision`` or ``deed``.
        schema: its schema version.
        personal: retention family by personal field.
    """

    kind: str
    schema: int = 1
    personal: Mapping[str, str] = attrs.field(factory=dict)


@attrs.frozen
class OwnedFacet:
    """A facet a plugin owns: its kind of stream, its version, and the facets it reads by name."""

    subject: str = "customer"
    version: int = 1
    reads: tuple[str, ...] = ()


@attrs.frozen
class OwnedReadModel:
    """A read model a plugin owns: its version, whether it keeps its rows at every cut, and its personal columns."""

    version: int = 1
    temporal: bool = False
    personal: Mapping[str, str] = attrs.field(factory=dict)


@attrs.frozen
class OwnedReport:
    """A report a plugin owns: its title, and the read models it reads by name."""

    title: Label
    reads: tuple[str, ...] = ()


@attrs.frozen
class OwnedCadence:
    """A cadence a plugin owns: its title, its rule, and the read models it reads by name."""

    title: Label
    rule: str
    reads: tuple[str, ...] = ()


@attrs.frozen
class Manifest:
    """What ``plugin.toml`` says of a plugin.

    Args:
        id: its prefix, and the name of its entry point.
        version: its own version.
        api: the surface versions it works with, as a PEP 440 range.
        title: what people call it.
        events: the events it owns, by stored name.
        commands: names of its commands.
        facets: by name, in the order in which simultaneous things happen.
        rule_sets: titles by name.
        read_models: by name.
        reports: by name.
        runs: titles of its population runs by name.
        cadences: what falls due by its rules, by name.
        exempt: why a property or quality rule is not met on purpose, by its name.
    """

    id: str
    version: str
    api: str
    title: Label
    events: Mapping[str, OwnedEvent] = attrs.field(factory=dict)
    commands: tuple[str, ...] = ()
    facets: Mapping[str, OwnedFacet] = attrs.field(factory=dict)
    rule_sets: Mapping[str, Label] = attrs.field(factory=dict)
    read_models: Mapping[str, OwnedReadModel] = attrs.field(factory=dict)
    reports: Mapping[str, OwnedReport] = attrs.field(factory=dict)
    runs: Mapping[str, Label] = attrs.field(factory=dict)
    cadences: Mapping[str, OwnedCadence] = attrs.field(factory=dict)
    exempt: Mapping[str, str] = attrs.field(factory=dict)

    def to_toml(self) -> str:
        """Return the text of ``plugin.toml``: the same for the same manifest, whatever order its parts were declared in."""
        return "\n".join(_lines(self)).strip() + "\n"


def manifest_of(parts: Parts) -> Manifest:
    """Return what the manifest of a plugin has to say, from its code."""
    return Manifest(
        id=parts.name,
        version=parts.version,
        api=parts.api,
        title=parts.title,
        events={
            e.stored_name: OwnedEvent(e.entry_kind.value, e.schema_version, _personal(e))
            for e in sorted(parts.events, key=lambda e: e.stored_name)
        },
        commands=tuple(sorted(c.stored_name for c in parts.commands)),
        facets={
            f.name: OwnedFacet(f.subject, f.version, tuple(r.name for r in f.reads)) for f in parts.facets
        },
        rule_sets={r.stored_name: r.title for r in sorted(parts.rule_sets, key=lambda r: r.stored_name)},
        read_models={
            m.name: OwnedReadModel(m.version, m.temporal, _personal(m.row))
            for m in sorted(parts.read_models, key=lambda m: m.name)
        },
        reports={
            r.name: OwnedReport(r.title, tuple(m.name for m in r.reads))
            for r in sorted(parts.reports, key=lambda r: r.name)
        },
        runs={r.name: r.title for r in sorted(parts.runs, key=lambda r: r.name)},
        cadences={
            c.name: OwnedCadence(c.title, c.rule, tuple(m.name for m in c.reads))
            for c in sorted(parts.cadences, key=lambda c: c.name)
        },
    )


def _personal(cls: type[Any]) -> dict[str, str]:
    return {a.name: family for a in fields_of(cls) if (family := personal_of(a)) is not None}


# ---------------------------------------------------------------- against the code


def differences(manifest: Manifest, parts: Parts) -> list[str]:
    """Return in what a manifest differs from the code, one line each; empty when it is true.

    What is exempt is no part of the code and is not compared.

    Args:
        manifest: what ``plugin.toml`` says.
        parts: what the plugin hands over.
    """
    told, true = _plain(manifest), _plain(manifest_of(parts))
    found = list(_different(told, true, ""))
    if not found and list(manifest.facets) != [f.name for f in parts.facets]:
        found.append(
            f"facets: the manifest orders them {', '.join(manifest.facets)}, the code {', '.join(f.name for f in parts.facets)}"
        )
    return found


def _plain(manifest: Manifest) -> dict[str, Any]:
    plain = attrs.asdict(manifest)
    del plain["exempt"]
    return {**plain, "commands": dict.fromkeys(manifest.commands, True)}


def _different(told: Any, true: Any, place: str) -> Iterator[str]:
    if isinstance(told, dict) and isinstance(true, dict):
        for key in sorted({*told, *true}):
            inner = f"{place}.{key}" if "." not in key or not place else f'{place}."{key}"'
            inner = inner.lstrip(".")
            if key not in true:
                yield f"{inner} is in the manifest but not in the code"
            elif key not in told:
                yield f"{inner} is in the code but not in the manifest"
            else:
                yield from _different(told[key], true[key], inner)
    elif told != true:
        yield f"{place} is {_shown(told)} in the manifest and {_shown(true)} in the code"


def _shown(value: Any) -> str:
    return _value(list(value) if isinstance(value, tuple) else value)


# ---------------------------------------------------------------- writing


def _lines(m: Manifest) -> Iterator[str]:
    yield f"manifest = {FORMAT}"
    yield from _table("plugin", {"id": m.id, "version": m.version, "api": m.api, "title": m.title})
    for name, event in sorted(m.events.items()):
        yield from _table(f"events.{key_text(name)}", {"kind": event.kind, "schema": event.schema})
        if event.personal:
            yield from _table(f"events.{key_text(name)}.personal", event.personal)
    if m.commands:
        yield from _table("commands", {"names": sorted(m.commands)})
    for name, facet in m.facets.items():
        body = {"subject": facet.subject, "version": facet.version, "reads": facet.reads}
        yield from _table(f"facets.{key_text(name)}", body)
    for name, title in sorted(m.rule_sets.items()):
        yield from _table(f"rule_sets.{key_text(name)}", {"title": title})
    for name, model in sorted(m.read_models.items()):
        yield from _table(
            f"read_models.{key_text(name)}", {"version": model.version, "temporal": model.temporal}
        )
        if model.personal:
            yield from _table(f"read_models.{key_text(name)}.personal", model.personal)
    for name, report in sorted(m.reports.items()):
        yield from _table(f"reports.{key_text(name)}", {"title": report.title, "reads": report.reads})
    for name, title in sorted(m.runs.items()):
        yield from _table(f"runs.{key_text(name)}", {"title": title})
    for name, cadence in sorted(m.cadences.items()):
        body = {"title": cadence.title, "rule": cadence.rule, "reads": cadence.reads}
        yield from _table(f"cadences.{key_text(name)}", body)
    if m.exempt:
        yield from _table("quality.exempt", dict(sorted(m.exempt.items())))


def _table(name: str, values: Mapping[str, Any]) -> Iterator[str]:
    yield ""
    yield f"[{name}]"
    for key, value in values.items():
        yield f"{key_text(key)} = {_value(value)}"


def key_text(text: str) -> str:
    """Return a key as TOML has it: quoted unless it is a bare word."""
    return text if _BARE.match(text) else _value(text)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Label):
        return f"{{ en = {_value(value.en)}, zh = {_value(value.zh)} }}"
    if isinstance(value, list | tuple):
        if len(value) > 4:
            return "[\n" + "".join(f"    {_value(v)},\n" for v in value) + "]"
        return "[" + ", ".join(_value(v) for v in value) + "]"
    # JSON's escapes are TOML's, but for the one control character that JSON lets stand.
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")
