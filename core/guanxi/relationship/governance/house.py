"""The house's own duties, in a record of its own: rule sets gone through, reports issued, backups taken (CORE-73, CORE-76, CORE-99)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import attrs

from guanxi.kernel.facets import Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Act, Fact
from guanxi.relationship.governance.commands import NoteBackup, NoteReportIssued, ReviewRuleSet
from guanxi.relationship.governance.events import BackupTaken, ReportIssued, RuleSetReviewed

SUBJECT = "house"
HOUSE = "house"
"""The one record of this kind."""


@attrs.define
class House:
    """What the house did last of each duty."""

    reviewed: dict[str, datetime] = attrs.field(factory=dict)
    issued: dict[str, ReportIssued] = attrs.field(factory=dict)
    backed_up: datetime | None = None


house = Facet("core.house", House, subject=SUBJECT, title=Label("House records", "本单位台帐"))


@house.evolve
def _reviewed(s: House, e: RuleSetReviewed, at: datetime) -> None:
    s.reviewed[e.rule_set] = at


@house.evolve
def _issued(s: House, e: ReportIssued) -> None:
    s.issued[e.issue] = e


@house.evolve
def _backed_up(s: House, e: BackupTaken, at: datetime) -> None:
    s.backed_up = at


@house.decide
def _review(s: House, c: ReviewRuleSet, now: Now) -> Iterator[Act]:
    yield RuleSetReviewed(rule_set=c.rule_set, version=c.version, changed=c.changed)


@house.decide
def _issue(s: House, c: NoteReportIssued, now: Now) -> Iterator[Act]:
    now.require(
        c.issue not in s.issued,
        "identifier_taken",
        "CORE-76",
        f"issue {c.issue} is on record",
        zh=f"签发号 {c.issue} 已登记",
        accepts="another number",
    )
    yield ReportIssued(issue=c.issue, **c.manifest)


@house.decide
def _back_up(s: House, c: NoteBackup, now: Now) -> Iterator[Fact]:
    yield BackupTaken(place=c.place, digest=c.digest, position=c.position)
