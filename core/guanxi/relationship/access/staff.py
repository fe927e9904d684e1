"""Staff: who has an account, which posts he holds, how far he may go, dated (CORE-67)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import attrs

from guanxi.kernel.errors import Conflict, Unknown
from guanxi.kernel.facets import Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Command, Fact
from guanxi.relationship.access.commands import EnrolStaff, LeavePost, RecordLeave, SetLevel, TakePost
from guanxi.relationship.access.events import (
    AccountChangeExecuted,
    AccountFrozen,
    Content,
    LeaveRecorded,
    LevelSet,
    PostLeft,
    PostTaken,
    StaffEnrolled,
    StaffKind,
)
from guanxi.relationship.access.streams import STAFF, user_of


@attrs.define
class StaffMember:
    """Somebody with an account.

    Args:
        kind: a person, an agent that acts for people, or somebody outside the company.
        posts: what he holds.
        levels: how far he may go, by section and kind of content.
        account: whether it is in use.
    """

    kind: StaffKind | None = None
    posts: list[str] = attrs.field(factory=list)
    levels: dict[tuple[str, Content], int] = attrs.field(factory=dict)
    account: Literal["none", "in_use", "frozen", "closed"] = "none"


staff = Facet("core.staff", StaffMember, subject=STAFF, title=Label("Staff", "员工"))


@staff.evolve
def _enrolled(s: StaffMember, e: StaffEnrolled) -> None:
    s.kind, s.account = e.kind, "in_use"


@staff.evolve
def _took(s: StaffMember, e: PostTaken) -> None:
    if e.post not in s.posts:
        s.posts.append(e.post)


@staff.evolve
def _left(s: StaffMember, e: PostLeft) -> None:
    if e.post in s.posts:
        s.posts.remove(e.post)


@staff.evolve
def _level(s: StaffMember, e: LevelSet) -> None:
    s.levels[e.section, e.content] = e.level


@staff.evolve
def _frozen(s: StaffMember, e: AccountFrozen) -> None:
    if s.account == "in_use":
        s.account = "frozen"


@staff.evolve
def _executed(s: StaffMember, e: AccountChangeExecuted) -> None:
    if e.kind == "leave":
        s.account = "closed"
    elif s.account != "none":
        s.account = "in_use"


@staff.gate
def _only_whom_there_is(s: StaffMember, c: Command, now: Now) -> None:
    if s.kind is None and not isinstance(c, EnrolStaff):
        raise Unknown(
            "unknown_relationship",
            f"nobody enrolled {user_of(now.subject)}",
            zh=f"{user_of(now.subject)} 尚未开通账号",
            rule="CORE-67",
            accepts="somebody who was enrolled",
        )


@staff.decide
def _enrol(s: StaffMember, c: EnrolStaff, now: Now) -> Iterator[Fact]:
    if s.kind is not None:
        raise Conflict(
            "identifier_taken",
            f"{user_of(now.subject)} has an account",
            zh=f"{user_of(now.subject)} 已有账号",
            rule="CORE-67",
            accepts="another user",
        )
    yield StaffEnrolled(user=user_of(now.subject), kind=c.kind, name=c.name)


@staff.decide
def _take(s: StaffMember, c: TakePost, now: Now) -> Iterator[Fact]:
    yield PostTaken(post=c.post)


@staff.decide
def _leave(s: StaffMember, c: LeavePost, now: Now) -> Iterator[Fact]:
    now.need(
        c.post if c.post in s.posts else None,
        "unknown_code",
        "CORE-67",
        f"he does not hold the post {c.post}",
        zh=f"未担任岗位 {c.post}",
        accepts=", ".join(s.posts) or "a post that he holds",
    )
    yield PostLeft(post=c.post)


@staff.decide
def _set_level(s: StaffMember, c: SetLevel, now: Now) -> Iterator[Fact]:
    yield LevelSet(section=c.section, content=c.content, level=c.level)


@staff.decide
def _on_leave(s: StaffMember, c: RecordLeave, now: Now) -> Iterator[Fact]:
    yield LeaveRecorded(leave=c.leave, first_day=c.first_day, last_day=c.last_day)
