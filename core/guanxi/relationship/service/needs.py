"""Expressed needs: recorded in the customer's words, classified by an ordered list or by a person, answered with a plan (CORE-82)."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from guanxi.kernel.facets import Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Decision, Fact
from guanxi.relationship.service.checks import missing, taken, unknown
from guanxi.relationship.service.commands import AnswerNeed, ClassifyNeed, RecordNeed
from guanxi.relationship.service.events import (
    NeedAnswered,
    NeedClassified,
    NeedClassNamed,
    NeedRecorded,
)
from guanxi.relationship.service.rules import NeedRules

RULE, WHAT = "CORE-82", "need"


@attrs.define
class Need:
    """One need as it stands.

    Args:
        need_class: its class; None while nobody and nothing classified it.
        by_person: whether a person said so.
        answered: whether there is a service plan for it.
    """

    need_class: str | None = None
    by_person: bool = False
    answered: bool = False


@attrs.define
class Needs:
    """The customer's needs by number."""

    needs: dict[str, Need] = attrs.field(factory=dict)


needs = Facet("core.needs", Needs, title=Label("Customer needs", "客户需求"))


@needs.evolve
def _changes(s: Needs, e: NeedRecorded | NeedClassNamed | NeedClassified | NeedAnswered) -> None:
    own = s.needs.setdefault(e.need, Need())
    match e:
        case NeedClassNamed():
            own.need_class, own.by_person = e.need_class, True
        case NeedClassified() if not own.by_person:
            own.need_class = e.need_class
        case NeedAnswered():
            own.answered = True


@needs.react(RULE)
def _classified(s: Needs, e: NeedRecorded, now: Now) -> Iterator[Decision]:
    wording = e.wording if isinstance(e.wording, str) else ""
    fitting = now.rules(NeedRules).fitting(wording, e.product)
    if fitting is not None:
        yield NeedClassified(
            need=e.need, need_class=fitting.need_class, matched=f"{fitting.by} {fitting.text}"
        )


@needs.decide
def _record(s: Needs, c: RecordNeed, now: Now) -> Iterator[Fact]:
    if c.need in s.needs:
        raise taken(RULE, WHAT, c.need)
    yield NeedRecorded(need=c.need, wording=c.wording, channel=c.channel, product=c.product)
    if c.need_class is not None:
        yield NeedClassNamed(need=c.need, need_class=c.need_class)


@needs.decide
def _classify(s: Needs, c: ClassifyNeed, now: Now) -> Iterator[Fact]:
    if c.need not in s.needs:
        raise unknown(RULE, WHAT, c.need)
    yield NeedClassNamed(need=c.need, need_class=c.need_class)


@needs.decide
def _answer(s: Needs, c: AnswerNeed, now: Now) -> Iterator[Fact]:
    if c.need not in s.needs:
        raise unknown(RULE, WHAT, c.need)
    if c.planned_on is None or c.who is None:
        raise missing(RULE, "the plan is not whole", "服务计划不完整", "how, when and by whom")
    yield NeedAnswered(need=c.need, how=c.how, planned_on=c.planned_on, who=c.who, request=c.request)
