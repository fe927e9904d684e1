"""Changes that staff or the customer hand in: pending until the designated post enters them, or refuses them (CORE-68)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import attrs

from guanxi.kernel.errors import Conflict
from guanxi.kernel.facets import Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Fact
from guanxi.kernel.privacy import Erased
from guanxi.relationship.access.commands import RejectChange, SubmitChange
from guanxi.relationship.file.events import ChangeSubmissionRejected, ChangeSubmitted, ProfileFactRecorded


@attrs.define
class Submission:
    """One change that was handed in."""

    field_name: str
    value: str | Erased | None
    submitter: str | None
    state: Literal["pending", "posted", "rejected"] = "pending"


@attrs.define
class Submissions:
    """The changes that were handed in, by number."""

    by_number: dict[str, Submission] = attrs.field(factory=dict)


submissions = Facet("core.submissions", Submissions, title=Label("Submitted changes", "提交的变更"))


@submissions.evolve
def _submitted(s: Submissions, e: ChangeSubmitted) -> None:
    s.by_number[e.submission] = Submission(e.field_name, e.value, e.submitter)


@submissions.evolve
def _rejected(s: Submissions, e: ChangeSubmissionRejected) -> None:
    found = s.by_number.get(e.submission)
    if found is not None and found.state == "pending":
        found.state = "rejected"


@submissions.evolve
def _posted(s: Submissions, e: ProfileFactRecorded) -> None:
    for one in s.by_number.values():
        if one.state == "pending" and (one.field_name, one.value) == (e.field_name, e.value):
            one.state = "posted"


@submissions.decide
def _submit(s: Submissions, c: SubmitChange, now: Now) -> Iterator[Fact]:
    if c.submission in s.by_number:
        raise Conflict(
            "already_known",
            f"a change is handed in under {c.submission} already",
            zh=f"编号 {c.submission} 已被使用",
            rule="CORE-68",
            accepts="another number",
        )
    yield ChangeSubmitted(
        submission=c.submission,
        field_name=c.field_name,
        value=c.value,
        submitter=now.actor,
        reason=c.reason,
    )


@submissions.decide
def _reject(s: Submissions, c: RejectChange, now: Now) -> Iterator[Fact]:
    waiting = [number for number, one in s.by_number.items() if one.state == "pending"]
    now.need(
        c.submission if c.submission in waiting else None,
        "unknown_code",
        "CORE-68",
        f"no change is pending under {c.submission}",
        zh=f"没有编号为 {c.submission} 的待落账变更",
        accepts=", ".join(waiting) or "a change that is pending",
    )
    yield ChangeSubmissionRejected(submission=c.submission, reason=c.reason)
