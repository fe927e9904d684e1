"""Labelled and true: words in both languages for what people see, and a manifest that says what the code does."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs

from guanxi.kernel.labels import Label, label_of
from guanxi.kernel.messages import fields_of
from guanxi.kernel.plugins import Parts
from guanxi.kernel.standard import MECHANISM, BreachFlagged, BreachRecorded
from guanxi.relationship.labels import LABELS as CORE_LABELS
from guanxi.testing.examining import Examination, NotApplicable
from guanxi.testing.findings import Finding, found

_CHINESE = re.compile(r"[\u3400-\u9fff]")
_WORD = re.compile(r"[A-Za-z]{2,}")

Gap = tuple[str, str | None]
"""What lacks words, and the entry that shows it to somebody, where one does."""


def labelled(x: Examination) -> Finding:
    """What people see has words in both languages: events and their fields, commands' fields, titles, columns, parameters, codes."""
    found_gaps: dict[str, str | None] = {}
    for text, entry in (*_titles(x.parts), *_names(x.parts), *_codes(x)):
        found_gaps.setdefault(text, entry)
    gaps = list(found_gaps.items())
    if not gaps:
        return found("labelled", "met", f"{len(x.parts.labels)} labels")
    shown = "; ".join(text for text, _ in gaps)
    name = gaps[0][0].partition(" ")[0]
    kinds = [e for e in x.parts.events if e.stored_name == name]
    entry = gaps[0][1] or next((e for t in x.told() if (e := t.first_of(kinds)) is not None), None)
    return found("labelled", "failed", shown, entry)


def fault_of(label: Label | None) -> str | None:
    """Return what is wrong with a label, if anything is; an abbreviation or a symbol may stand in both languages."""
    if label is None or not label.en.strip() or not label.zh.strip():
        return "has no label"
    if _CHINESE.search(label.en):
        return f"has an English text with Chinese in it: {label.en!r}"
    if (
        not _CHINESE.search(label.zh)
        and _WORD.search(label.zh)
        and not (label.en == label.zh and label.en.isupper())
    ):
        return f"has no Chinese text: {label.zh!r}"
    return None


def _faulty(what: str, label: Label | None) -> Iterator[Gap]:
    if (fault := fault_of(label)) is not None:
        yield f"{what} {fault}", None


def _titles(parts: Parts) -> Iterator[Gap]:
    yield from _faulty(parts.name, parts.title)
    for facet in parts.facets:
        yield from _faulty(f"{facet.name} (facet)", facet.title)
    for rule_set in parts.rule_sets:
        yield from _faulty(f"{rule_set.stored_name} (rule set)", rule_set.title)
        for a in fields_of(rule_set):
            yield from _faulty(f"{rule_set.stored_name}.{a.name}", a.metadata.get("label"))
    for model in parts.read_models:
        yield from _faulty(f"{model.name} (read model)", model.title)
    for report in parts.reports:
        yield from _faulty(f"{report.name} (report)", report.title)
        for column in report.columns:
            yield from _faulty(f"{report.name}, column {column.name}", column.label)
        for a in fields_of(report.parameters) if report.parameters is not None else ():
            yield from _faulty(f"{report.name}, parameter {a.name}", a.metadata.get("help"))
        if report.picture is not None:
            yield from _faulty(f"{report.name}, picture", report.picture.title)


def _names(parts: Parts) -> Iterator[Gap]:
    labels = {**CORE_LABELS, **parts.labels}
    for event in parts.events:
        if event not in MECHANISM:
            yield from _faulty(event.stored_name, labels.get(event.stored_name))
    messages: tuple[type[Any], ...] = (*parts.events, *parts.commands)
    for cls in messages:
        for a in fields_of(cls) if cls not in MECHANISM else ():
            yield from _faulty(f"{cls.stored_name} field {a.name}", label_of(labels, a.name, cls.stored_name))
    for facet in parts.facets:
        state = type(facet.state())
        for a in attrs.fields(state) if attrs.has(state) else ():
            if not a.name.startswith("_"):
                yield from _faulty(f"{facet.name}.{a.name}", label_of(labels, a.name, facet.name))


def _codes(x: Examination) -> Iterator[Gap]:
    """Yield refusal codes without words: those that guards declare, and those that came up in the histories."""
    labels = {**CORE_LABELS, **x.parts.labels}
    for facet in x.parts.facets:
        for guards in facet.guards.values():
            for _, code, _ in guards:
                yield from _faulty(f"code {code} of {facet.name}", label_of(labels, code, facet.name))
    if not x.parts.facets:
        return
    own = {c for f in x.parts.facets for c in f.deciders}
    for told in x.told():
        for n, refusal in told.refusals:
            what: Any = told.story.steps[n].what
            command = getattr(what, "what", None)
            if type(command) in own and not _CHINESE.search(refusal.zh):
                yield (
                    f"the refusal {refusal.code} has no Chinese text: {refusal.zh!r}",
                    told.story.lines([n])[0],
                )
        for stream in told.streams():
            for row in told.rows(stream):
                event = told.event(stream, row) if row.name in _BREACHES else None
                if (
                    isinstance(event, BreachRecorded)
                    and labels.get(event.code) is None
                    and not event.rule.startswith("CORE")
                ):
                    yield f"code {event.code} has no label", told.entry(stream, row)


_BREACHES = (BreachFlagged.stored_name, BreachRecorded.stored_name)


def manifest_true(x: Examination) -> Finding:
    """The manifest lists what the code hands over, no more and no less."""
    from guanxi.kernel.plugins import Manifest, differences, read_manifest

    given = x.manifest if x.manifest is not None else manifest_path(x.parts, x.plugin)
    if given is None:
        raise NotApplicable("it has no manifest")
    manifest = given if isinstance(given, Manifest) else read_manifest(given)
    told = differences(manifest, x.parts)
    if told:
        return found("manifest_true", "failed", "; ".join(told))
    return found("manifest_true", "met", Path(given).name if isinstance(given, str | Path) else "")


def manifest_path(parts: Parts, plugin: Any) -> Path | None:
    """Return the ``plugin.toml`` in a plugin's package, if there is one."""
    kinds = (*parts.events, *parts.commands, *parts.rule_sets, type(plugin))
    for module in dict.fromkeys(getattr(k, "__module__", "") for k in kinds):
        names = module.split(".")
        for depth in (1, 2):
            if len(names) < depth or names[0] in ("builtins", "attrs", "tests"):
                continue
            try:
                spec = importlib.util.find_spec(".".join(names[:depth]))
            except (ImportError, ValueError):
                continue
            for folder in (spec.submodule_search_locations or ()) if spec is not None else ():
                path = Path(folder) / "plugin.toml"
                if path.is_file():
                    return path
    return None
