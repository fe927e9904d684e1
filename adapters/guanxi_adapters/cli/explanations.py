"""``explain``: why a value is what it is, entry by entry down to the first facts, and what no longer counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from typing import TYPE_CHECKING, Annotated, Any

import typer

from guanxi_adapters.cli import screen
from guanxi_adapters.cli.asking import (
    at_cut,
    blocks_of,
    facet_of,
    field_words,
    plain_cut,
    show_head,
    whole,
    wording_of,
)
from guanxi_adapters.cli.language import colon, say
from guanxi_adapters.cli.opening import ask_ledger
from guanxi_adapters.cli.options import AsJson, AsKnown, AsOf, Customer

if TYPE_CHECKING:
    from guanxi import Explanation, History, Label, Ledger, Line, Superseded
    from guanxi_adapters.cli.wording import Wording


ROOM = 400
"""How many characters a list of all fields may take."""


def explain(
    customer: Customer,
    field: Annotated[
        str,
        typer.Argument(
            help="What to explain: retail.points, retail.points.balance, or just balance.",
            metavar="FIELD",
            show_default=False,
        ),
    ],
    as_of: AsOf = None,
    as_known: AsKnown = None,
    as_json: AsJson = False,
) -> None:
    """Say why a value is what it is: every entry that changed it, with rule, inputs, actor and reason.

    Behind each decision stand its causes down to the first fact, and the values of the rule
    set it was drawn under. What no longer counts is listed too, with what took its place and
    why. A field may be named as 'history --diff' names it.
    """
    with ask_ledger() as ledger:
        asked = at_cut(ledger, customer, as_of, as_known)
        name, inner = find_field(ledger, asked, field)
        explanation = narrowed(asked.explain(name), inner, ledger.labels, facet_of(ledger, name))
        if as_json:
            from guanxi_adapters.cli.grounds import plain_explanation

            screen.show_json({**plain_cut(ledger, customer, asked), **plain_explanation(explanation)})
            return
        show_head(ledger, customer, asked)
        _show_explanation(ledger, asked, explanation, name)


# What is meant


def find_field(ledger: Ledger, asked: History, given: str) -> tuple[str, list[str]]:
    """Return the field that a person means, and the keys that lead on inside its value.

    The plugin's or the facet's name may be left out where no other field ends the same. A name in words, as
    ``history --diff`` shows it, is taken too: ``Points · lots · A-17 · usable``.

    Raises:
        Unknown: ``unknown_field``, saying what is called nearly so and what there is.
    """
    import guanxi

    facets = asked.fields()
    known = [*facets, *(f"{facet}.{a}" for facet, attributes in facets.items() for a in attributes)]
    if (said := _in_words(ledger, asked, given, known)) is not None:
        return said
    words = given.strip().split(".")
    for size in range(len(words), 0, -1):
        name, inner = ".".join(words[:size]), words[size:]
        found = [k for k in known if k == name] or [k for k in known if k.endswith("." + name)]
        if len(found) == 1 and not (inner and found[0] in facets):
            return found[0], inner
        if len(found) > 1:
            raise guanxi.Unknown(
                "unknown_field",
                f"{given} may be several fields",
                zh=f"{given} 可指多个字段",
                accepts=", ".join(found),
            )
    there = _there(facets, known, words)
    near = _near(given, [*known, *(k.rpartition(".")[2] for k in known)])
    raise guanxi.Unknown(
        "unknown_field",
        f"there is no field {given}",
        zh=f"没有字段 {given}",
        accepts=f"{say('perhaps {names}', names=near)}; {there}" if near else there,
    )


def _there(facets: Mapping[str, Sequence[str]], known: Sequence[str], words: Sequence[str]) -> str:
    """Return what could be named: of a facet that was named its fields; else all, or of many the nearest."""
    from guanxi.kernel.near import FEW, names_like

    heads = [".".join(words[:size]) for size in range(len(words) - 1, 0, -1)]
    meant = [f for head in heads for f in facets if f == head or f.endswith("." + head)]
    shown = {f: facets[f] for f in meant[:1]} or facets
    there = "; ".join(f"{facet}: {', '.join(attributes)}" for facet, attributes in shown.items())
    if shown is not facets or len(there) <= ROOM:
        return there
    nearest = names_like(words[-1], known)
    if len(nearest) <= ROOM:
        return nearest
    return ", ".join([*list(facets)[:FEW], f"… ({len(facets)} in all)"])


def _in_words(
    ledger: Ledger, asked: History, given: str, known: Sequence[str]
) -> tuple[str, list[str]] | None:
    """Return the field that is called so in words, in either language."""
    said = [part.strip() for part in given.split(screen.BETWEEN.strip())]
    for facet in ledger.house.facets:
        if facet.name not in known or said[0] not in (facet.title.en, facet.title.zh):
            continue
        if len(said) == 1:
            return facet.name, []
        for name in known:
            if name.startswith(facet.name + ".") and said[1] in _names(
                ledger.labels, name.removeprefix(facet.name + "."), facet.name
            ):
                return name, said[2:]
    return None


def _names(labels: Mapping[str, Label], name: str, facet: str) -> tuple[str, ...]:
    """Return what a member of a facet's value may be called."""
    from guanxi.kernel.labels import label_of

    label = label_of(labels, name, facet)
    return (name, name.replace("_", " ")) if label is None else (name, label.en, label.zh)


def _near(given: str, there: Sequence[str]) -> str:
    from difflib import get_close_matches

    return ", ".join(dict.fromkeys(get_close_matches(given, list(dict.fromkeys(there)), 3, 0.6)))


def narrowed(
    explanation: Explanation, keys: Sequence[str], labels: Mapping[str, Label], facet: str
) -> Explanation:
    """Return an explanation of one member of a value, such as one lot, from that of the whole.

    Raises:
        Unknown: ``unknown_field``: no such member was there, now or before.
    """
    import attrs

    if not keys:
        return explanation
    path = _path(explanation, keys, labels, facet)
    steps = [
        attrs.evolve(s, before=_inside(s.before, path), after=_inside(s.after, path))
        for s in explanation.steps
    ]
    return attrs.evolve(
        explanation,
        field=".".join([explanation.field, *path]),
        value=_inside(explanation.value, path),
        steps=tuple(s for s in steps if s.before != s.after),
        superseded=_about(explanation.superseded, path[0]),
    )


def _path(
    explanation: Explanation, words: Sequence[str], labels: Mapping[str, Label], facet: str
) -> list[str]:
    """Return the keys that words lead along, at the cut or at any step before; a key may have dots of its own."""
    import guanxi

    values = [explanation.value, *(x for s in explanation.steps for x in (s.after, s.before))]
    path: list[str] = []
    rest = list(words)
    while rest:
        there = {str(k): None for value in values for k in _keys(value)}
        for size in range(len(rest), 0, -1):
            found = _called(".".join(rest[:size]), there, labels, facet)
            if found is not None:
                break
        else:
            near, where = _near(rest[0], list(there)), ".".join([explanation.field, *path])
            raise guanxi.Unknown(
                "unknown_field",
                f"{where} has no {'.'.join(rest)}",
                zh=f"{where} 中没有 {'.'.join(rest)}",
                accepts=near or ", ".join(list(there)[:20]) or explanation.field,
            )
        path.append(found)
        rest = rest[size:]
        values = [_inside(value, [found]) for value in values]
    return path


def _keys(value: Any) -> Iterator[Any]:
    from guanxi_adapters.cli.wording import members

    yield from members(value) or ()


def _called(word: str, there: Mapping[str, None], labels: Mapping[str, Label], facet: str) -> str | None:
    """Return the key of that name, or of that label."""
    return word if word in there else next((k for k in there if word in _names(labels, k, facet)), None)


def _about(gone: Sequence[Superseded], key: str) -> tuple[Superseded, ...]:
    """Return what names a member, all of it where nothing does."""
    return tuple(x for x in gone if key in (x.line.fields or {}).values()) or tuple(gone)


def _inside(value: Any, keys: Sequence[str]) -> Any:
    from guanxi_adapters.cli.wording import members

    for key in keys:
        inner = members(value) or {}
        value = inner.get(key, next((v for k, v in inner.items() if str(k) == key), None))
    return value


# What is shown


def _show_explanation(ledger: Ledger, asked: History, explanation: Explanation, name: str) -> None:
    from guanxi_adapters.cli.grounds import Grounds
    from guanxi_adapters.cli.wording import codes_of, members

    known = [*whole(ledger, asked).lines(), *_named(explanation)]
    facet = facet_of(ledger, name)
    wording = wording_of(ledger, asked).owned(facet)
    grounds = Grounds(
        ledger,
        blocks_of(ledger, asked, known),
        blocks_of(ledger, asked, known, roles=("", "key")),
        facet,
    )
    title, inner = field_words(ledger, wording, explanation.field), members(explanation.value)
    said = f"{title}{colon()}{wording.value(explanation.value)}" if inner is None else title
    screen.show(screen.styled((said, screen.HEADING), (f"  {explanation.field}", screen.QUIET)))
    if inner is not None:
        screen.show(screen.pairs(_value_rows(wording, inner, codes_of(type(explanation.value))), indent=2))
    screen.show("")
    if explanation.steps:
        screen.show(screen.styled((say("How it came about"), screen.HEADING)), "")
        screen.show(grounds.steps(explanation.steps))
    else:
        screen.show(say("No entry changed it; it is what it was at the beginning."))
    if explanation.superseded:
        lead = say("What no longer counts in {facet}", facet=title.partition(screen.BETWEEN)[0])
        screen.show("", screen.styled((lead, screen.HEADING)), "")
        gone = sorted(explanation.superseded, key=lambda x: _order(x.line))
        screen.show(grounds.superseded(gone))
    if (rules := grounds.rule_sets(explanation)) is not None:
        screen.show("", screen.styled((say("Rule sets named above"), screen.HEADING)), "", rules)


def _named(explanation: Explanation) -> Iterator[Line]:
    """Yield every line that an explanation holds, those of other streams too."""
    for s in explanation.steps:
        yield from (s.line, *s.because, *(t.line for t in s.triggers if t.line is not None))
    for x in explanation.superseded:
        yield from (x.line, *x.because, *(t.line for t in x.triggers if t.line is not None))
        if x.replaced_by is not None:
            yield x.replaced_by


def _order(line: Line) -> tuple[Any, int]:
    number = line.id.rpartition("/")[2]
    return line.effective_from, int(number) if number.isdigit() else 0


def _value_rows(
    wording: Wording, inner: Mapping[Any, Any], codes: Mapping[str, Set[str]]
) -> list[tuple[str, str]]:
    from guanxi_adapters.cli.wording import members

    rows: list[tuple[str, str]] = []
    for key, part in inner.items():
        deeper = members(part)
        if deeper is not None and any(members(v) is not None for v in deeper.values()):
            rows += [(f"{wording.label(str(key))} {k}", wording.value(v)) for k, v in deeper.items()]
        else:
            rows.append((wording.label(str(key)), wording.coded(part, codes.get(str(key), frozenset()))))
    return rows or [(say("nothing"), "")]
