"""The run that selects customers for return visits: by importance, for their silence, or as a random sample (CORE-38, CORE-94)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date
from decimal import ROUND_CEILING, Decimal
from typing import Any, Literal

import attrs
import sqlalchemy as sa

from guanxi.kernel.errors import Invalid
from guanxi.kernel.labels import Label
from guanxi.kernel.read_models import Reader
from guanxi.kernel.reports import Asked
from guanxi.kernel.runs import Population, Run
from guanxi.kernel.times import add_months
from guanxi.relationship.service.commands import DrawReturnVisit
from guanxi.relationship.service.read_models.customers import service_classes, service_customers
from guanxi.relationship.service.rules import ReturnVisitRules
from guanxi.relationship.service.service_requests import classes_on

SELECTED, PASSED_OVER = "selected", "passed_over"
_HUNDRED = 100


def _share(_: object, attribute: attrs.Attribute[Decimal], value: Decimal) -> None:
    if not 0 < value <= _HUNDRED:
        raise Invalid(
            "out_of_scale",
            f"{value} % is no share of the customers",
            zh=f"{value} % 不是有效的抽样比例",
            rule="CORE-38",
            accepts="above 0 and at most 100",
        )


@attrs.frozen
class SelectionParameters:
    """How customers are selected.

    Args:
        method: by importance, for their silence, or as a random sample.
        percent: how many of a hundred are sampled, rounded up.
        start: the start value that fixes the sample.
        section: the section whose customers are selected; those of all if empty.
    """

    method: Literal["random_sample", "importance", "silent"] = attrs.field(
        default="random_sample", metadata={"help": Label("method of selection", "选取方法")}
    )
    percent: Decimal = attrs.field(
        default=Decimal(10),
        validator=_share,
        metadata={"help": Label("size of a random sample in per cent", "随机抽样比例（%）")},
    )
    start: int = attrs.field(
        default=0, metadata={"help": Label("start value of a random sample", "随机抽样起始值")}
    )
    section: str = attrs.field(
        default="", metadata={"help": Label("section; all if left out", "版块；不填则为全部")}
    )


@attrs.frozen
class SelectionLine:
    """Whether a customer is to be called, and how he was chosen."""

    outcome: str
    chosen: int
    method: str
    drawn_on: date
    population: int
    start: int


def sample(accounts: list[str], percent: Decimal, start: int) -> list[str]:
    """Return a share of the accounts, rounded up, in an order that the start value alone fixes.

    Args:
        accounts: account numbers; in which order they are given makes no difference.
        percent: how many of a hundred.
        start: the start value.
    """

    def place(account: str) -> tuple[str, str]:
        return hashlib.sha256(f"{start}/{account}".encode()).hexdigest(), account

    return sorted(accounts, key=place)[: sample_size(len(accounts), percent)]


def sample_size(population: int, percent: Decimal) -> int:
    """Return how many a share of a population is, rounded up."""
    return int((population * percent / _HUNDRED).to_integral_value(ROUND_CEILING))


def _living(reader: Reader, section: str) -> dict[str, str]:
    """Return the accounts of a section's open files by stream; a file that another one absorbed is shown there."""

    def open_ones(table: Any) -> sa.Select[Any]:
        query: sa.Select[Any] = sa.select(table.c.stream, table.c.account)
        living = (table.c.opened_on.is_not(None), table.c.closed == 0, table.c.absorbed == 0)
        own = (table.c.section == section,) if section else ()
        return query.where(*living, *own).order_by(table.c.stream)

    found: dict[str, str] = dict(reader.select(open_ones, service_customers))
    return found


def _important(reader: Reader, asked: Asked) -> set[str]:
    wanted = asked.rules(ReturnVisitRules).important_classes
    classes: dict[str, dict[str, tuple[str, date | None]]] = {}
    for stream, row in reader.rows(service_classes):
        classes.setdefault(stream, {})[row.scheme] = (row.grade, row.until)
    return {s for s, own in classes.items() if not classes_on(own, asked.day).isdisjoint(wanted)}


def _silent(reader: Reader, asked: Asked) -> set[str]:
    since = add_months(asked.day, -asked.rules(ReturnVisitRules).silent_months)
    return {
        stream
        for stream, row in reader.rows(service_customers)
        if (row.last_contact or row.opened_on or asked.day) < since
    }


def _everybody(reader: Reader, parameters: SelectionParameters, asked: Asked) -> Population:
    living = _living(reader, parameters.section)
    if parameters.method == "random_sample":
        return Population(living, {"chosen": sample_size(len(living), parameters.percent)})
    return Population(living)


def _selected(
    reader: Reader, parameters: SelectionParameters, asked: Asked
) -> Iterator[tuple[str, SelectionLine]]:
    living = _living(reader, parameters.section)
    if parameters.method == "random_sample":
        drawn = set(sample(list(living.values()), parameters.percent, parameters.start))
        chosen = {stream for stream, account in living.items() if account in drawn}
    else:
        chosen = (_important if parameters.method == "importance" else _silent)(reader, asked)
    for stream in living:
        yield (
            stream,
            SelectionLine(
                outcome=SELECTED if stream in chosen else PASSED_OVER,
                chosen=int(stream in chosen),
                method=parameters.method,
                drawn_on=asked.day,
                population=len(living),
                start=parameters.start,
            ),
        )


def _deliver(line: SelectionLine) -> DrawReturnVisit | None:
    if line.outcome != SELECTED:
        return None
    method: Literal["random_sample", "importance", "silent"] = (
        "importance"
        if line.method == "importance"
        else "silent"
        if line.method == "silent"
        else "random_sample"
    )
    return DrawReturnVisit(
        method=method, drawn_on=line.drawn_on, population=line.population, start=line.start
    )


return_visit_selection: Run[SelectionLine] = Run(
    "core.return_visit_selection",
    SelectionLine,
    title=Label("Selection for return visits", "回访客户选取"),
    reads=(service_customers, service_classes),
    population=_everybody,
    judge=_selected,
    parameters=SelectionParameters,
    counted="outcome",
    deliver=_deliver,
    rules=("CORE-38", "CORE-94"),
)

RUNS = (return_visit_selection,)
