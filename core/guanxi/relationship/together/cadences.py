"""What forms and schedules bring due."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from guanxi.kernel.cadences import Cadence, DueItem
from guanxi.kernel.labels import Label
from guanxi.kernel.read_models import Reader
from guanxi.kernel.reports import Asked
from guanxi.relationship.calendars import CalendarRules
from guanxi.relationship.due_items.terms import due_within
from guanxi.relationship.together.events import FormStepTaken
from guanxi.relationship.together.flows import missing, waiting_step
from guanxi.relationship.together.read_models import appointments, flow_of, form_rows, taken_of
from guanxi.relationship.together.rules import ScheduleRules
from guanxi.relationship.together.schedules import person_of


def _steps(reader: Reader, asked: Asked) -> Iterator[tuple[str, DueItem]]:
    for stream, row in reader.rows(form_rows):
        step = waiting_step(flow_of(row), taken_of(row))
        if row.end is not None or row.returned or step is None or not step.days or row.step_since is None:
            continue
        since = asked.local(row.step_since)
        term = asked.rules_at(CalendarRules, since).working_days(since.date(), step.days)
        for person in missing(step, taken_of(row)):
            yield (
                stream,
                due_within(
                    term,
                    key=f"{row.submission}/{row.revision}/{step.name}/{person}",
                    since=since,
                    person=person or None,
                    about=row.form,
                ),
            )


form_steps = Cadence(
    "core.form_step",
    Label("Step of a form", "表单步骤"),
    "CORE-84",
    (form_rows,),
    _steps,
    (FormStepTaken.stored_name,),
)


def _reminders(reader: Reader, asked: Asked) -> Iterator[tuple[str, DueItem]]:
    ahead = timedelta(minutes=asked.rules(ScheduleRules).remind_minutes)
    for stream, row in reader.rows(appointments):
        if row.cancelled or row.starts is None or row.ends is None:
            continue
        starts, ends = (asked.local(at) for at in (row.starts, row.ends))
        if starts - ahead <= asked.as_of < ends:
            yield (
                stream,
                DueItem(
                    key=row.appointment,
                    since=starts - ahead,
                    until=None,
                    person=person_of(stream),
                    about=row.customer or "",
                ),
            )


reminders = Cadence(
    "core.appointment", Label("Appointment", "日程提醒"), "CORE-85", (appointments,), _reminders
)

CADENCES = (form_steps, reminders)
