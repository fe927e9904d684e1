"""Accounts: changed on request, after approval, or frozen before (CORE-71)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import attrs

from guanxi.kernel.errors import Conflict, Incomplete
from guanxi.kernel.facets import Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Fact
from guanxi.relationship.access.approvals import ACCOUNT_CHANGE, Approvals, approvals
from guanxi.relationship.access.commands import (
    ExecuteAccountChange,
    FreezeAccount,
    RecordDeparture,
    RequestAccountChange,
)
from guanxi.relationship.access.events import (
    AccountChangeExecuted,
    AccountChangeKind,
    AccountChangeRequested,
    AccountFrozen,
    DepartureRecorded,
)
from guanxi.relationship.access.streams import STAFF


@attrs.define
class Change:
    """One change of an account that was asked for."""

    kind: AccountChangeKind
    leaves_on: date | None = None
    executed: bool = False


@attrs.define
class Accounts:
    """The changes of an account, by number, and whether it is frozen."""

    changes: dict[str, Change] = attrs.field(factory=dict)
    departures: dict[str, date] = attrs.field(factory=dict)
    frozen: bool = False


accounts = Facet(
    "core.account_changes",
    Accounts,
    subject=STAFF,
    reads=(approvals,),
    title=Label("Account changes", "账号变更"),
)


@accounts.evolve
def _departs(s: Accounts, e: DepartureRecorded) -> None:
    s.departures[e.departure] = e.leaves_on


@accounts.evolve
def _requested(s: Accounts, e: AccountChangeRequested) -> None:
    s.changes[e.change] = Change(e.kind, e.leaves_on)


@accounts.evolve
def _executed(s: Accounts, e: AccountChangeExecuted) -> None:
    if e.change in s.changes:
        s.changes[e.change].executed = True
    s.frozen = e.kind == "leave" and s.frozen


@accounts.evolve
def _frozen(s: Accounts, e: AccountFrozen) -> None:
    s.frozen = True


@accounts.decide
def _depart(s: Accounts, c: RecordDeparture, now: Now) -> Iterator[Fact]:
    yield DepartureRecorded(departure=c.departure, leaves_on=c.leaves_on, kind=c.kind)


@accounts.decide
def _request(s: Accounts, c: RequestAccountChange, now: Now) -> Iterator[Fact]:
    if c.change in now.of(Approvals).by_number:
        raise Conflict(
            "already_known",
            f"something is asked for under {c.change} already",
            zh=f"编号 {c.change} 已被使用",
            rule="CORE-71",
            accepts="another number",
        )
    yield AccountChangeRequested(
        change=c.change,
        kind=c.kind,
        submitted_by=now.actor,
        handling=str(c.handling),
        leaves_on=c.leaves_on,
        reason=c.reason,
    )


@accounts.decide
def _execute(s: Accounts, c: ExecuteAccountChange, now: Now) -> Iterator[Fact]:
    change = now.need(
        s.changes.get(c.change),
        "unknown_code",
        "CORE-71",
        f"there is no account change {c.change}",
        zh=f"没有账号变更 {c.change}",
        accepts=", ".join(s.changes) or "a change that was submitted",
    )
    if now.of(Approvals).approved(c.change, ACCOUNT_CHANGE) is None:
        raise Incomplete(
            "approval_missing",
            f"the change {c.change} is not approved",
            zh=f"账号变更 {c.change} 尚未批准",
            rule="CORE-71",
            accepts="its approval by the leader first",
        )
    if change.executed:
        raise Conflict(
            "already_known",
            f"the change {c.change} is carried out already",
            zh=f"账号变更 {c.change} 已执行",
            rule="CORE-71",
            accepts="another change",
        )
    yield AccountChangeExecuted(change=c.change, kind=change.kind, executed_by=now.actor)


@accounts.decide
def _freeze(s: Accounts, c: FreezeAccount, now: Now) -> Iterator[Fact]:
    yield AccountFrozen(frozen_by=now.actor, reason=c.reason)
