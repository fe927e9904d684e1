"""Customers as service looks at them: whether the file lives, when there was a contact both ways, and which classes he is in."""

from __future__ import annotations

from datetime import date, datetime

import attrs

from guanxi.kernel.labels import Label
from guanxi.kernel.read_models import ReadModel, Rows, column
from guanxi.relationship.file.events import (
    FileOpened,
    FilesMerged,
    MergeUndone,
    RelationshipClosed,
    RelationshipReopened,
)
from guanxi.relationship.grading.events import ClassStated, GradeOverridden, GradeSet
from guanxi.relationship.ownership.events import SectionAssigned
from guanxi.relationship.pipeline.events import ActionRecorded
from guanxi.relationship.service.service_requests import OVERRIDE


@attrs.define
class CustomerRow:
    """One customer: account number, section, whether the file is open and shown as its own, last contact both ways."""

    account: str = ""
    section: str = ""
    opened_on: date | None = None
    closed: bool = False
    absorbed: bool = False
    last_contact: date | None = None


service_customers = ReadModel(
    "core.service_customers", CustomerRow, title=Label("Customers in service", "服务客户")
)


@service_customers.on
def _file(
    rows: Rows[CustomerRow], e: FileOpened | RelationshipClosed | RelationshipReopened, at: datetime
) -> None:
    row = rows[()]
    if isinstance(e, FileOpened):
        row.account, row.opened_on = e.account, at.date()
    else:
        row.closed = isinstance(e, RelationshipClosed)


@service_customers.on
def _merged(rows: Rows[CustomerRow], e: FilesMerged | MergeUndone, at: datetime) -> None:
    row = rows[()]
    if e.absorbed in (row.account, rows.stream):
        row.absorbed = isinstance(e, FilesMerged)


@service_customers.on
def _section(rows: Rows[CustomerRow], e: SectionAssigned, at: datetime) -> None:
    rows[()].section = e.section


@service_customers.on
def _contact(rows: Rows[CustomerRow], e: ActionRecorded, at: datetime) -> None:
    if e.two_way:
        rows[()].last_contact = at.date()


@attrs.define
class ClassRow:
    """A class that the customer is in by a scheme, and up to which day."""

    scheme: str = column(key=True)
    grade: str = ""
    until: date | None = None


service_classes = ReadModel(
    "core.service_classes", ClassRow, title=Label("Classes in service", "服务客户类别")
)


@service_classes.on
def _class(rows: Rows[ClassRow], e: ClassStated | GradeSet | GradeOverridden, at: datetime) -> None:
    match e:
        case ClassStated():
            row = rows[e.scheme]
            row.grade, row.until = e.grade, e.until
        case GradeSet():
            row = rows[e.scheme]
            row.grade, row.until = e.grade, None
        case GradeOverridden():
            row = rows[OVERRIDE + e.scheme]
            row.grade, row.until = e.grade, e.until
