"""A company with two sections, a tree of posts, and access rules in force."""

from __future__ import annotations

from typing import Any

from guanxi import Command, Ledger, OpenFile
from guanxi.kernel.access import let_in
from guanxi.relationship.access.commands import EnrolStaff, EstablishPost, LeavePost, SetLevel, TakePost
from guanxi.relationship.access.events import AttemptRefused, FileViewed, Role
from guanxi.relationship.access.rules import AccessRules
from guanxi.relationship.access.streams import logged_of, post_stream, staff_stream
from guanxi.relationship.ownership.commands import AssignMaintainer, AssignSection
from tests.kernel.desks import Desk, moment

START = "2025-01-02"

PEOPLE: dict[str, tuple[Role, str | None, int]] = {
    "vice": ("group_management", None, 6),
    "marketing": ("group_marketing", None, 6),
    "head": ("section_head", "1", 6),
    "ann": ("business", "1", 3),
    "bob": ("business", "1", 3),
    "clerk1": ("section_admin", "1", 3),
    "root": ("system_admin", None, 6),
    "desk1": ("designated", "1", 4),
    "files1": ("file_keeper", "1", 4),
    "adviser": ("adviser", "1", 2),
    "audit": ("auditor", None, 2),
    "head2": ("section_head", "2", 6),
    "eve": ("business", "2", 3),
}
"""Who there is: his role, his section, his level there."""


class Office(Desk):
    """A desk at which everybody acts in his own name."""

    def __init__(self, now: str = "2025-05-05", *, enforced: bool = True) -> None:
        super().__init__(plugins=[], now=START)
        with let_in():
            for user, (role, section, level) in PEOPLE.items():
                above = None if role in ("group_management", "auditor", "section_head") else f"head-{section}"
                name = f"head-{section}" if role == "section_head" else f"{user}-post"
                self.post(name, role, section, above if section else None)
                self.enrol(user, name, level, section or "*")
                if role == "file_keeper":
                    papers = SetLevel(section=section or "*", level=level, content="document")
                    self.setting(staff_stream(user), papers)
            self.open("C-1", "C-2", "C-9", on=START)
            self.place("C-1", "1", "ann")
            self.place("C-2", "1", "bob")
            self.place("C-9", "2", "eve")
            if enforced:
                self.ledger.publish(
                    AccessRules(enforced=True), effective_from=self.now, by="x", approved_by="y"
                )
        self.on(now)

    def place(self, customer: str, section: str, maintainer: str | None) -> None:
        """Put a customer into a section and into somebody's hands."""
        self.setting(customer, AssignSection(section=section))
        if maintainer is not None:
            self.setting(customer, AssignMaintainer(person=maintainer))

    def post(self, name: str, role: Role, section: str | None, reports_to: str | None) -> None:
        """Say what a post is from now on."""
        self.setting(post_stream(name), EstablishPost(role=role, section=section, reports_to=reports_to))

    def enrol(self, user: str, post: str | None, level: int, section: str, **fields: Any) -> None:
        """Give somebody an account, a post and a level."""
        self.setting(staff_stream(user), EnrolStaff(**fields))
        if post is not None:
            self.setting(staff_stream(user), TakePost(post=post))
        self.setting(staff_stream(user), SetLevel(section=section, level=level))

    def move(self, user: str, old: str, new: str) -> None:
        """Let somebody change his post."""
        self.setting(staff_stream(user), LeavePost(post=old))
        self.setting(staff_stream(user), TakePost(post=new))

    def setting(self, subject: str, command: Command, **keywords: Any) -> None:
        """Tell something about which no access is asked."""
        with let_in():
            self.ledger.execute(subject, command, actor="setup", **keywords)

    def as_(self, user: str, **how: Any) -> Ledger:
        """Return the ledger as somebody has it."""
        return self.ledger.as_actor(user, **how)

    def log(self, user: str) -> list[Any]:
        """Return what is on record of somebody's looking, and of what he was refused."""
        with let_in():
            return [
                r.event
                for r in self.ledger.search(actor=user)
                if isinstance(r.event, FileViewed | AttemptRefused) and logged_of(r.originator_id) == user
            ]

    def attempts(self, user: str) -> list[str]:
        """Return the codes by which somebody was refused."""
        return [e.code for e in self.log(user) if isinstance(e, AttemptRefused)]

    def views(self, user: str) -> int:
        """Return how often somebody looked into a file."""
        return sum(isinstance(e, FileViewed) for e in self.log(user))


__all__ = ["PEOPLE", "Office", "OpenFile", "moment"]
