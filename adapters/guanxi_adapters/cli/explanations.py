"""``explain``: why a value is what it is, entry by entry, and what no longer counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from guanxi_adapters.cli import screen
from guanxi_adapters.cli.asking import (
    at_cut,
    blocks_of,
    field_words,
    in_order,
    plain_cut,
    plain_lines,
    show_head,
    whole,
    wording_of,
)
from guanxi_adapters.cli.language import say
from guanxi_adapters.cli.opening import open_ledger
from guanxi_adapters.cli.options import AsJson, AsKnown, AsOf, Customer

if TYPE_CHECKING:
    from guanxi import Explanation, History, Ledger, Line
    from guanxi_adapters.cli.entries import EntryBlocks
    from guanxi_adapters.cli.wording import Wording


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

    What no longer counts is listed too, with what took its place and why.
    """
    with open_ledger() as ledger:
        asked = at_cut(ledger, customer, as_of, as_known)
        name, inner = find_field(asked, field)
        explanation = narrowed(asked.explain(name), inner)
        if as_json:
            screen.show_json({**plain_cut(ledger, customer, asked), **_plain_explanation(explanation)})
            return
        show_head(ledger, customer, asked)
        _show_explanation(ledger, asked, explanation, name)


def find_field(asked: History, given: str) -> tuple[str, list[str]]:
    """Return the field that a person means, and the keys that lead on inside its value.

    The plugin's or the facet's name may be left out where no other field ends the same.

    Raises:
        Unknown: ``unknown_field``, saying what there is.
    """
    import guanxi

    facets = asked.fields()
    known = [*facets, *(f"{facet}.{a}" for facet, attributes in facets.items() for a in attributes)]
    words = given.split(".")
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
    there = "; ".join(f"{facet}: {', '.join(attributes)}" for facet, attributes in facets.items())
    raise guanxi.Unknown("unknown_field", f"there is no field {given}", zh=f"没有字段 {given}", accepts=there)


def narrowed(explanation: Explanation, keys: Sequence[str]) -> Explanation:
    """Return an explanation of one member of a value, such as one lot, from that of the whole."""
    import attrs

    if not keys:
        return explanation
    steps = [
        attrs.evolve(s, before=_inside(s.before, keys), after=_inside(s.after, keys))
        for s in explanation.steps
    ]
    return attrs.evolve(
        explanation,
        field=".".join([explanation.field, *keys]),
        value=_inside(explanation.value, keys),
        steps=tuple(s for s in steps if s.before != s.after),
        superseded=_about(explanation.superseded, keys[0]),
    )


def _about(lines: Sequence[Line], key: str) -> tuple[Line, ...]:
    """Return the lines that name a member, all of them where none does."""
    return tuple(line for line in lines if key in (line.fields or {}).values()) or tuple(lines)


def _inside(value: Any, keys: Sequence[str]) -> Any:
    from guanxi_adapters.cli.wording import members

    for key in keys:
        value = (members(value) or {}).get(key)
    return value


def _show_explanation(ledger: Ledger, asked: History, explanation: Explanation, name: str) -> None:
    from rich.text import Text

    from guanxi_adapters.cli.entries import colon
    from guanxi_adapters.cli.wording import members

    known = [*whole(ledger, asked).lines(), *(s.line for s in explanation.steps)]
    blocks, wording = blocks_of(ledger, asked, known), wording_of(ledger, asked)
    title, inner = field_words(ledger, wording, explanation.field), members(explanation.value)
    said = f"{title}{colon()}{wording.value(explanation.value)}" if inner is None else title
    screen.show(screen.styled((said, screen.HEADING), (f"  {explanation.field}", screen.QUIET)))
    if inner is not None:
        screen.show(screen.pairs(_value_rows(wording, inner), indent=2))
    screen.show("")
    if explanation.steps:
        screen.show(screen.styled((say("How it came about"), screen.HEADING)), "")
        more = {
            s.line.id: [Text(text, style=style) for text, style in _step_words(wording, s)]
            for s in explanation.steps
        }
        apart = blocks_of(ledger, asked, known, roles=("", "key"))
        screen.show(apart.blocks([s.line for s in explanation.steps], more))
    else:
        screen.show(say("No entry changed it; it is what it was at the beginning."))
    if explanation.superseded:
        screen.show(
            "",
            screen.styled(
                (
                    say("What no longer counts in {facet}", facet=title.partition(screen.BETWEEN)[0]),
                    screen.HEADING,
                )
            ),
            "",
        )
        gone = in_order(explanation.superseded)
        screen.show(
            blocks.blocks(gone, {line.id: [Text(screen.unbroken(_why_gone(blocks, line)))] for line in gone})
        )


def _value_rows(wording: Wording, inner: Mapping[Any, Any]) -> list[tuple[str, str]]:
    from guanxi_adapters.cli.wording import members

    rows: list[tuple[str, str]] = []
    for key, part in inner.items():
        deeper = members(part)
        if deeper and members(next(iter(deeper.values()))) is not None:
            rows += [(f"{wording.label(str(key))} {k}", wording.value(v)) for k, v in deeper.items()]
        else:
            rows.append((wording.label(str(key)), wording.value(part)))
    return rows or [(say("nothing"), "")]


def _step_words(wording: Wording, step: Any) -> list[tuple[str, str]]:
    """Return what a step changed, what it was drawn from, and what that was compared with, each with its style."""
    changed = screen.BETWEEN.join(
        " ".join([*place, f"{old} → {new}"])
        for place, old, new in wording.differences(step.before, step.after)
    )
    words = [(screen.unbroken(changed), screen.GOOD)]
    if step.inputs:
        words.append((say("drawn from {inputs}", inputs=wording.values(step.inputs)), ""))
    if step.thresholds:
        words.append((say("compared with {limits}", limits=wording.values(step.thresholds)), ""))
    return words


def _why_gone(blocks: EntryBlocks, line: Line) -> str:
    """Say what took an entry's place, and what was learned that made it so."""
    by = blocks.by_id.get(line.replaced_by or "")
    if by is None:
        return ""
    trigger, wording = blocks.trigger(by), blocks.wording
    at = wording.moment(by.recorded_at) if by.recorded_at else ""
    if trigger is None and by.entry is not None and by.entry.batch is not None:
        cause, person = say("an import"), blocks.batch(by)
    else:
        trigger = trigger or by
        cause, person = wording.text(trigger.id), blocks.person(trigger)
    said = say("because of {cause} · recorded {moment} · {who}", cause=cause, moment=at, who=person)
    if by.status == "in force" and by.kind == "decision" and line.status == "replaced":
        said += "\n" + say("now {entry}: {holds}", entry=wording.entry(by.id), holds=blocks.holds(by))
    return said


def _plain_explanation(explanation: Explanation) -> dict[str, Any]:
    from guanxi_adapters.cli.entries import plain_line
    from guanxi_adapters.cli.wording import portable

    steps = [
        {
            "entry": plain_line(s.line),
            "before": portable(s.before),
            "after": portable(s.after),
            "inputs": portable(s.inputs),
            "thresholds": portable(s.thresholds),
        }
        for s in explanation.steps
    ]
    return {
        "field": explanation.field,
        "value": portable(explanation.value),
        "steps": steps,
        "superseded": plain_lines(explanation.superseded),
    }
