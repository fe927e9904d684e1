"""Reports on who answers for whom (report 25), who is without a maintainer, and what collided."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal

import attrs

from guanxi.kernel.labels import Label
from guanxi.kernel.read_models import Reader
from guanxi.kernel.reports import Asked, Column, Content, Picture, Report
from guanxi.relationship.ownership.read_models import (
    OwnershipRow,
    accounts,
    collisions,
    handovers,
    overseers,
    ownership,
    paid,
    routing_facts,
)
from guanxi.relationship.ownership.rules import OwnershipRules

OWNED, ORPHANED, UNOWNED = "owned", "orphaned", "unowned"
YUAN = "CNY"


@attrs.frozen
class _Customer:
    stream: str
    row: OwnershipRow
    status: str
    orphaned_on: date | None = None


def _customers(reader: Reader, asked: Asked) -> Iterator[_Customer]:
    """Yield the open files that no other one shows, with whether somebody answers for them."""
    closed = {row.user: row.closed_at for _, row in reader.rows(accounts) if row.closed_at is not None}
    for stream, row in reader.rows(ownership):
        if row.opened_on is None or row.closed_on is not None or row.absorbed_by is not None:
            continue
        if row.maintainer is None:
            yield _Customer(stream, row, UNOWNED)
        elif (gone := closed.get(row.maintainer)) is not None:
            yield _Customer(stream, row, ORPHANED, asked.day_of(gone))
        else:
            yield _Customer(stream, row, OWNED)


def _leaders(reader: Reader) -> Mapping[str, set[str]]:
    found: dict[str, set[str]] = {}
    for stream, row in reader.rows(overseers):
        if row.until is None:
            found.setdefault(stream, set()).add(row.leader)
    return found


# Report 25: the ownership register


@attrs.frozen
class RegisterParameters:
    """Parameters of the ownership register."""

    currency: str = attrs.field(default=YUAN, metadata={"help": Label("currency of the amounts", "金额币种")})


def _register(reader: Reader, parameters: RegisterParameters, asked: Asked) -> Content:
    most = asked.rules(OwnershipRules).max_customers
    received: dict[str, Decimal] = {}
    for stream, receipt in reader.rows(paid):
        if receipt.currency == parameters.currency and not receipt.reversed:
            received[stream] = received.get(stream, Decimal(0)) + Decimal(receipt.amount)
    leaders = _leaders(reader)
    groups: dict[tuple[str, str], list[_Customer]] = {}
    customers = list(_customers(reader, asked))
    for one in customers:
        groups.setdefault((one.status, one.row.maintainer or ""), []).append(one)
    rows = [
        (
            status,
            maintainer or None,
            len(theirs),
            sum((received.get(one.stream, Decimal(0)) for one in theirs), Decimal(0)),
            len(set().union(*(leaders.get(one.stream, set()) for one in theirs))),
            bool(maintainer) and most is not None and len(theirs) > most,
        )
        for (status, maintainer), theirs in sorted(groups.items())
    ]
    counted = sum(row[2] for row in rows)
    open_files = sum(
        row.opened_on is not None and row.closed_on is None and row.absorbed_by is None
        for _, row in reader.rows(ownership)
    )
    trouble = [] if counted == open_files else ["owned + unowned + orphaned is not the customers"]
    return Content([(*row[:5], "yes" if row[5] else "no") for row in rows], trouble=trouble)


ownership_register = Report(
    name="core.ownership_register",
    title=Label("Ownership register", "1对N维护台帐"),
    reads=(ownership, overseers, paid, accounts),
    columns=(
        Column("status", Label("Status", "状态"), "code"),
        Column("maintainer", Label("Maintainer", "维护责任人")),
        Column("customers", Label("Customers", "客户数"), "integer"),
        Column("amount", Label("Received to date", "累计回款"), "decimal"),
        Column("overseers", Label("Overseers", "领导维护人数"), "integer"),
        Column("over_limit", Label("Above the limit", "超出上限"), "code"),
    ),
    build=_register,
    parameters=RegisterParameters,
    picture=Picture(
        "bars", "maintainer", "customers", Label("Customers by maintainer", "各维护责任人客户数")
    ),
    rules=("CORE-19", "CORE-20", "CORE-21"),
)


# Who is without a maintainer


def _without(reader: Reader, parameters: None, asked: Asked) -> Content:
    rules = asked.rules(OwnershipRules)
    known: dict[str, dict[str, str]] = {}
    for stream, fact in reader.rows(routing_facts):
        if isinstance(fact.value, str):
            known.setdefault(stream, {})[fact.field_name] = fact.value
    pending = {stream: row.handover for stream, row in reader.rows(handovers) if row.accepted is None}
    rows = []
    for one in _customers(reader, asked):
        if one.status == OWNED:
            continue
        route = rules.route(known.get(one.stream, {})) if one.status == UNOWNED else None
        rows.append(
            (
                one.status,
                one.row.account,
                one.row.maintainer,
                one.orphaned_on or one.row.opened_on,
                None if route is None else route[1],
                pending.get(one.stream) if one.status == ORPHANED else None,
            )
        )
    return Content(sorted(rows, key=lambda row: row[:2]))


without_maintainer = Report(
    name="core.without_maintainer",
    title=Label("Customers without a maintainer", "无维护责任人客户"),
    reads=(ownership, accounts, routing_facts, handovers),
    columns=(
        Column("status", Label("Status", "状态"), "code"),
        Column("account", Label("Account no.", "户号")),
        Column("maintainer", Label("Last maintainer", "原维护责任人")),
        Column("since", Label("Account closed on, or file opened on", "账号注销或建档日期"), "date"),
        Column("proposed", Label("Proposed by the routing table", "分派表建议")),
        Column("handover", Label("Hand-over under way", "交接中")),
    ),
    build=_without,
    rules=("CORE-20", "CORE-21"),
)


# Deal collisions


def _collisions(reader: Reader, parameters: None, asked: Asked) -> Content:
    account = {stream: row.account for stream, row in reader.rows(ownership)}
    found = [
        (
            asked.day_of(row.detected_at),
            account.get(stream, ""),
            row.first,
            row.second,
            row.product_family,
            row.suggested,
            row.rival,
            row.person,
            None if row.resolved_at is None else asked.day_of(row.resolved_at),
        )
        for stream, row in reader.rows(collisions)
        if row.detected_at is not None
    ]
    return Content(sorted(found, key=lambda row: row[:4]))


collision_list = Report(
    name="core.collision_list",
    title=Label("Deal collisions", "撞单清单"),
    reads=(collisions, ownership),
    columns=(
        Column("detected_on", Label("Since", "发生日期"), "date"),
        Column("account", Label("Account no.", "户号")),
        Column("first", Label("Earlier", "先登记者")),
        Column("second", Label("Later", "后登记者")),
        Column("product_family", Label("Product family", "产品系列")),
        Column("suggested", Label("Suggested", "建议"), "code"),
        Column("rival", Label("Other", "另一方")),
        Column("person", Label("Goes on", "裁定继续者")),
        Column("resolved_on", Label("Resolved on", "裁定日期"), "date"),
    ),
    build=_collisions,
    rules=("CORE-23",),
)

REPORTS = (ownership_register, without_maintainer, collision_list)
