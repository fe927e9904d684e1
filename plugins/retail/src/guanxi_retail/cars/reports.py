"""Reports of car retail: how vehicle orders proceed, and whether feedback is answered in time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from guanxi import Asked, Column, Content, Drawing, Label, Picture, Reader, Report
from guanxi.relationship import files
from guanxi_retail.cars.cadences import answers_of, concerned, is_history
from guanxi_retail.cars.read_models import (
    VehicleOrderRow,
    earmarked_rows,
    feedback_rows,
    paper_rows,
    vehicle_order_rows,
)
from guanxi_retail.cars.rules import VehicleOrderRules
from guanxi_retail.reporting import ACCOUNT, account_of

STEPS = ("drafted", "consented", "confirmed", "paid_up", "documents_complete", "handed_over", "briefed")
"""The steps of a vehicle order that guards look at, in their order; each reached one shows in the funnel."""

_FUNNEL = (
    Column("step", Label("Step", "步骤"), "code"),
    Column("orders", Label("Orders", "订单数"), "integer"),
)
_PICTURE = Picture("funnel", "step", "orders", Label("Vehicle orders by step", "购车各步骤订单数"))


def _progress(reader: Reader, parameters: None, asked: Asked) -> Content:
    account, required = account_of(reader), asked.rules(VehicleOrderRules).required_documents
    money: dict[tuple[str, str, str], Decimal] = {}
    for stream, paid in reader.rows(earmarked_rows):
        place = stream, paid.earmarked_for, paid.currency
        money[place] = money.get(place, Decimal(0)) + paid.amount
    papers = {(stream, row.document_type) for stream, row in reader.rows(paper_rows)}
    rows, reached = [], Counter[str]()
    for stream, row in reader.rows(vehicle_order_rows):
        if row.drafted_at is None:
            continue
        paid_in = money.get((stream, row.contract, row.currency), Decimal(0))
        missing = [kind for kind in required if (stream, kind) not in papers]
        done = _done(row, paid_in, missing)
        reached.update(done)
        rows.append(
            (
                account(stream),
                row.contract,
                row.model,
                row.payment_kind,
                done[-1],
                next((step for step in STEPS if step not in done), None),
                ", ".join(missing) or None,
                row.currency,
                row.price,
                paid_in,
                row.price - paid_in,
                row.loan,
            )
        )
    rows.sort(key=lambda r: (r[0], r[1]))
    return Content(rows, drawing=Drawing(_PICTURE, _FUNNEL, [(step, reached[step]) for step in STEPS]))


def _done(row: VehicleOrderRow, paid: Decimal, missing: Sequence[str]) -> list[str]:
    """Return the steps that an order has behind it."""
    loan = row.loan if row.payment_kind == "loan" else Decimal(0)
    behind = {
        "drafted": True,
        "consented": row.consented_at is not None,
        "confirmed": row.confirmed_at is not None,
        "paid_up": loan is not None and paid + loan >= row.price,
        "documents_complete": row.confirmed_at is not None and not missing,
        "handed_over": row.handed_over_at is not None,
        "briefed": row.briefed_at is not None,
    }
    return [step for step in STEPS if behind[step]]


def _whole_price(rows: Sequence[tuple[Any, ...]]) -> Iterator[str]:
    for row in rows:
        if row[9] + row[10] != row[8]:
            yield f"{row[1]}: {row[9]} paid and {row[10]} open are not {row[8]}"


vehicle_orders_report = Report(
    name="retail.vehicle_orders",
    title=Label("Vehicle orders", "购车进度"),
    reads=(files, vehicle_order_rows, earmarked_rows, paper_rows),
    columns=(
        ACCOUNT,
        Column("contract", Label("Order", "订单")),
        Column("model", Label("Model", "车型")),
        Column("payment_kind", Label("Payment", "付款方式"), "code"),
        Column("step", Label("Step", "步骤"), "code"),
        Column("guard", Label("Open guard", "未过关口"), "code"),
        Column("missing", Label("Documents missing", "缺少资料")),
        Column("currency", Label("Currency", "币种")),
        Column("price", Label("Price", "价格"), "decimal"),
        Column("paid", Label("Paid", "已付"), "decimal"),
        Column("open", Label("Open", "未付"), "decimal"),
        Column("loan", Label("Of it by approved loan", "其中已批贷款"), "decimal"),
    ),
    build=_progress,
    foots=_whole_price,
    picture=_PICTURE,
    rules=("RET-49", "RET-50"),
)


STANDINGS = ("in_time", "late", "overdue", "open")


def _standing(states: Sequence[str]) -> str:
    """Return how feedback stands by its call and its answer: as the worse of the two."""
    if "overdue" in states:
        return "overdue"
    if "open" in states:
        return "open"
    return "late" if "late" in states else "in_time"


def _feedback(reader: Reader, parameters: None, asked: Asked) -> Content:
    account, before = account_of(reader), 0
    rows: list[tuple[Any, ...]] = []
    for stream, row in reader.rows(feedback_rows):
        if row.received_at is None or not concerned(row, row.received_at, asked):
            continue
        call, answer = answers_of(row, row.received_at, asked)
        if is_history(stream, row, call, asked):
            before += 1
            continue
        states = [item.state(asked.as_of) for item in (call, answer)]
        due = _last_day(call.until)
        rows.append(
            (
                asked.local(row.received_at),
                account(stream),
                row.number,
                due,
                _local(row.called_at, asked),
                states[0],
                due,
                _local(row.answered_at, asked),
                states[1],
                _standing(states),
            )
        )
    rows.sort(key=lambda r: r[:3])
    count = Counter(r[-1] for r in rows)
    notes = [(_NOTES[0], str(len(rows)))]
    notes += [(label, str(count[name])) for name, label in zip(STANDINGS, _NOTES[1:], strict=True)]
    notes.append((_BEFORE, str(before)))
    trouble = [] if sum(count[s] for s in STANDINGS) == len(rows) else ["not all feedback stands somewhere"]
    return Content(rows, notes, trouble=trouble)


def _last_day(until: datetime | None) -> date | None:
    return None if until is None else date.fromordinal(until.date().toordinal() - 1)


def _local(at: datetime | None, asked: Asked) -> datetime | None:
    return None if at is None else asked.local(at)


_NOTES = (
    Label("received", "收到"),
    Label("in time", "按时"),
    Label("late", "迟办"),
    Label("overdue", "逾期"),
    Label("open", "待办"),
)

_BEFORE = Label("before import", "导入前")

feedback_report = Report(
    name="retail.feedback_in_time",
    title=Label("Feedback in time", "反馈时限表"),
    reads=(files, feedback_rows),
    columns=(
        Column("received_at", Label("Received", "收到时间"), "instant"),
        ACCOUNT,
        Column("number", Label("Feedback", "反馈编号")),
        Column("call_due", Label("Call due", "通知期限"), "date"),
        Column("called_at", Label("Called", "通知时间"), "instant"),
        Column("call", Label("Call", "通知"), "code"),
        Column("answer_due", Label("Answer due", "答复期限"), "date"),
        Column("answered_at", Label("Answered", "答复时间"), "instant"),
        Column("answer", Label("Answer", "答复"), "code"),
        Column("standing", Label("Stands", "状态"), "code"),
    ),
    build=_feedback,
    rules=("RET-51",),
)

REPORTS = (vehicle_orders_report, feedback_report)
