"""What falls due in car retail: the briefing at pick-up, the call and the answer that feedback asks for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from guanxi import Asked, Cadence, CalendarRules, DueItem, Label, Reader, midnight_after
from guanxi_retail.cars.read_models import FeedbackRow, feedback_rows, vehicle_order_rows
from guanxi_retail.cars.rules import VehicleFeedbackRules

Items = Iterator[tuple[str, DueItem]]


def _briefings(reader: Reader, asked: Asked) -> Items:
    for stream, row in reader.rows(vehicle_order_rows):
        if row.handed_over_at is not None:
            at = asked.local(row.handed_over_at)
            until = midnight_after(at.date(), at.tzinfo)
            if asked.known_from(stream, "retail.vehicle_handed_over", at, imported=True) >= until:
                continue  # history that an import told of
            yield (
                stream,
                DueItem(row.contract, at, until, row.briefed_at, person=row.consultant, about=row.contract),
            )


pick_up_briefing = Cadence(
    name="retail.pick_up_briefing",
    title=Label("Briefing at pick-up", "提车保养与售后说明"),
    rule="RET-50",
    reads=(vehicle_order_rows,),
    items=_briefings,
    fulfilled_by=("retail.vehicle_handed_over", "retail.vehicle_briefing_given"),
)


def concerned(row: FeedbackRow, received: datetime, asked: Asked) -> bool:
    """Return whether feedback came in by one of the ways the rule is about (RET-51).

    Args:
        row: the feedback.
        received: when it came.
        asked: the cut.
    """
    rules = asked.rules_at(VehicleFeedbackRules, received)
    return row.through in (rules.received_by if row.complaint else rules.feedback_categories)


def answers_of(row: FeedbackRow, received: datetime, asked: Asked) -> tuple[DueItem, DueItem]:
    """Return the call and the answer that feedback asks for, by the rules of the day it came (RET-51).

    Args:
        row: the feedback.
        received: when it came.
        asked: the cut.
    """
    since = asked.local(received)
    term = asked.rules_at(VehicleFeedbackRules, since).term(
        asked.rules_at(CalendarRules, since), since.date()
    )
    call, answer = (
        DueItem(
            key=row.number,
            since=since,
            until=term.until(since),
            done_at=done,
            person=row.handler,
            about=row.number,
            provisional=term.provisional,
        )
        for done in (row.called_at, row.answered_at)
    )
    return call, answer


def is_history(stream: str, row: FeedbackRow, item: DueItem, asked: Asked) -> bool:
    """Return whether an import told of feedback only after call and answer had been due (RET-59).

    Args:
        stream: the customer's.
        row: the feedback.
        item: its call or its answer.
        asked: the cut.
    """
    name = "core.complaint_received" if row.complaint else "core.feedback_received"
    if item.until is None or item.until > asked.as_of:
        return False
    return asked.known_from(stream, name, item.since, imported=True) >= item.until


def _items(place: int, reader: Reader, asked: Asked) -> Items:
    for stream, row in reader.rows(feedback_rows):
        if row.received_at is not None and concerned(row, row.received_at, asked):
            item = answers_of(row, row.received_at, asked)[place]
            if not is_history(stream, row, item, asked):
                yield stream, item


def _calls(reader: Reader, asked: Asked) -> Items:
    return _items(0, reader, asked)


def _answers(reader: Reader, asked: Asked) -> Items:
    return _items(1, reader, asked)


feedback_call = Cadence(
    name="retail.feedback_call",
    title=Label("Call about feedback", "反馈通知电话"),
    rule="RET-51",
    reads=(feedback_rows,),
    items=_calls,
    fulfilled_by=("core.complaint_notified",),
)
feedback_answer = Cadence(
    name="retail.feedback_answer",
    title=Label("Truthful answer to feedback", "反馈如实答复"),
    rule="RET-51",
    reads=(feedback_rows,),
    items=_answers,
    fulfilled_by=("core.feedback_answered", "core.complaint_notified"),
)

CADENCES = (pick_up_briefing, feedback_call, feedback_answer)
