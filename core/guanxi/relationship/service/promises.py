"""Promises: made with a due date, kept, released, or broken by the day after, since what is not stated is not done (CORE-39)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Literal

import attrs

from guanxi.kernel.errors import Invalid
from guanxi.kernel.facets import Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Decision, Due, Fact, due
from guanxi.kernel.times import midnight_after
from guanxi.relationship.service.checks import taken, unknown
from guanxi.relationship.service.commands import KeepPromise, MakePromise, ReleasePromise
from guanxi.relationship.service.events import PromiseBroken, PromiseKept, PromiseMade, PromiseReleased

RULE, WHAT = "CORE-39", "promise"


@due("core.promise_falls_due")
class PromiseFallsDue(Due):
    """The last day of a promise is over."""

    promise: str


@attrs.define
class Promise:
    """One promise as it stands; one kept late stays broken."""

    due: date
    state: Literal["open", "kept", "released", "broken"] = "open"


@attrs.define
class Promises:
    """The promises to the customer by number."""

    promises: dict[str, Promise] = attrs.field(factory=dict)


promises = Facet("core.promises", Promises, title=Label("Promises", "承诺"))


@promises.evolve
def _changes(s: Promises, e: PromiseMade | PromiseKept | PromiseReleased | PromiseBroken) -> None:
    if isinstance(e, PromiseMade):
        s.promises[e.promise] = Promise(e.due)
        return
    own = s.promises.get(e.promise)
    if own is None:
        return
    match e:
        case PromiseKept() if own.state == "open":
            own.state = "kept"
        case PromiseReleased() if own.state == "open":
            own.state = "released"
        case PromiseBroken():
            own.state = "broken"


@promises.due
def _falls_due(s: Promises, e: PromiseMade, now: Now) -> Iterator[tuple[datetime, Due]]:
    yield midnight_after(e.due, now.at.tzinfo), PromiseFallsDue(promise=e.promise)


@promises.react(RULE)
def _broken(s: Promises, d: PromiseFallsDue, now: Now) -> Iterator[Decision]:
    own = s.promises.get(d.promise)
    if own is not None and own.state == "open":
        yield PromiseBroken(promise=d.promise, due=own.due)


@promises.decide
def _make(s: Promises, c: MakePromise, now: Now) -> Iterator[Fact]:
    if c.promise in s.promises:
        raise taken(RULE, WHAT, c.promise)
    if c.due < now.at.date():
        raise Invalid(
            "invalid_date",
            f"what was promised on {now.at:%Y-%m-%d} cannot have been due on {c.due}",
            zh=f"{now.at:%Y-%m-%d} 作出的承诺不能在 {c.due} 到期",
            rule=RULE,
            accepts="the day of the promise, or a later one",
        )
    yield PromiseMade(promise=c.promise, content=c.content, due=c.due, basis=c.basis, promiser=c.promiser)


def _known(s: Promises, number: str) -> None:
    if number not in s.promises:
        raise unknown(RULE, WHAT, number)


@promises.decide
def _keep(s: Promises, c: KeepPromise, now: Now) -> Iterator[Fact]:
    _known(s, c.promise)
    yield PromiseKept(promise=c.promise)


@promises.decide
def _release(s: Promises, c: ReleasePromise, now: Now) -> Iterator[Fact]:
    _known(s, c.promise)
    now.require(
        s.promises[c.promise].state == "open",
        "stage_closed",
        RULE,
        f"the promise {c.promise} is {s.promises[c.promise].state}",
        zh=f"承诺 {c.promise} 已履行、解除或违背",
        accepts="an open promise",
    )
    yield PromiseReleased(promise=c.promise, reason=c.reason)
