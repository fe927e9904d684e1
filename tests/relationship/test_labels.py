"""Everything the core records has a name in both languages; one word is one thing, or told apart."""

from __future__ import annotations

import re
import typing
from collections.abc import Iterator
from types import UnionType
from typing import Any

import pytest

from guanxi.kernel.labels import Label, label_of
from guanxi.kernel.messages import fields_of
from guanxi.kernel.rules import declared
from guanxi.relationship import parts
from guanxi.relationship.assembly import ROOMS
from guanxi.relationship.labels import LABELS

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def codes_in(hint: Any) -> Iterator[str]:
    """Yield the codes that a field's type allows."""
    if typing.get_origin(hint) is typing.Literal:
        yield from (v for v in typing.get_args(hint) if isinstance(v, str))
    elif isinstance(hint, UnionType) or typing.get_origin(hint) is not None:
        for inner in typing.get_args(hint):
            yield from codes_in(inner)


def shown(name: str) -> bool:
    label = parts.labels.get(name)
    return label is not None and bool(CHINESE.search(label.zh)) and bool(label.en)


@pytest.mark.parametrize("event", parts.events, ids=lambda e: e.stored_name)
def test_an_event_its_fields_and_their_codes_have_names(event: Any) -> None:
    hints = typing.get_type_hints(event)
    names = [event.stored_name, *(a.name for a in fields_of(event))]
    codes = [code for a in fields_of(event) for code in codes_in(hints[a.name])]
    assert [n for n in (*names, *codes) if not shown(n)] == []


@pytest.mark.parametrize("command", parts.commands, ids=lambda c: c.stored_name)
def test_what_is_told_has_names(command: Any) -> None:
    assert [a.name for a in fields_of(command) if not shown(a.name)] == []


@pytest.mark.parametrize("facet", parts.facets, ids=lambda f: f.name)
def test_a_facet_has_a_title_in_both_languages(facet: Any) -> None:
    assert CHINESE.search(facet.title.zh)
    assert facet.title.en != facet.name


def test_reports_read_models_rule_sets_and_cadences_have_names_in_both_languages() -> None:
    titled: list[tuple[str, Label]] = [(m.name, m.title) for m in parts.models]
    titled += [(r.name, r.title) for r in parts.reports]
    titled += [(f"{r.name}.{c.name}", c.label) for r in parts.reports for c in r.columns]
    titled += [(c.name, c.title) for c in parts.cadences]
    titled += [(o.name, o.title) for o in parts.overviews]
    titled += [(f"{s.stored_name}.{p.name}", p.label) for s in parts.rule_sets for p in declared(s)]
    assert [name for name, label in titled if not CHINESE.search(label.zh) or CHINESE.search(label.en)] == []


def test_what_a_word_means_in_a_room_is_what_it_means_to_that_room_s_own_parts() -> None:
    differing = [
        f"{owner}.{word}"
        for room in ROOMS
        for word, text in room.labels.items()
        if "." not in word
        for owner in room.owners
        if label_of(parts.labels, word, owner) not in (text, room.labels.get(f"{owner}.{word}"))
    ]
    assert differing == []


def test_two_meanings_of_a_word_are_told_apart_in_both_languages() -> None:
    seen: dict[str, list[Label]] = {}
    for group in (LABELS, *(room.labels for room in ROOMS)):
        for name, text in group.items():
            seen.setdefault(name, []).append(text)
    assert [
        name for name, texts in seen.items() if len({x.en for x in texts}) != len({x.zh for x in texts})
    ] == []
