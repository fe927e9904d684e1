"""The core's own say at the ledger's door: reads what somebody is, and what he asks for, and keeps views and attempts on record."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, TypeVar

import attrs

from guanxi.kernel.access import Actor, Attempt
from guanxi.kernel.errors import NotPermitted, Unknown
from guanxi.kernel.facets import To
from guanxi.kernel.ledger import Ledger
from guanxi.kernel.rules import RuleBook
from guanxi.kernel.times import instant, stamp
from guanxi.relationship.access.approvals import LOOKUP, Approvals
from guanxi.relationship.access.commands import (
    EstablishPost,
    KeepAttempt,
    KeepView,
    NoteNotConsulted,
    SetLevel,
)
from guanxi.relationship.access.deeds import CONTENTS, SOFTWARE, deed_of, is_marketing, is_master
from guanxi.relationship.access.events import FileViewed
from guanxi.relationship.access.posts import Post
from guanxi.relationship.access.reach import Reach
from guanxi.relationship.access.rights import (
    EVERYWHERE,
    Deed,
    Holding,
    Standing,
    Target,
    file_closed,
    not_authorised,
    refusal_of,
)
from guanxi.relationship.access.rules import AccessRules
from guanxi.relationship.access.staff import StaffMember
from guanxi.relationship.access.streams import (
    LOG,
    POST,
    STAFF,
    log_stream,
    logged_of,
    post_stream,
    staff_stream,
    user_of,
)
from guanxi.relationship.calendars import CalendarRules
from guanxi.relationship.care.commands import SendMessage
from guanxi.relationship.ownership.commands import AcceptHandover
from guanxi.relationship.ownership.handovers import Handovers
from guanxi.relationship.ownership.maintainers import Ownership
from guanxi.relationship.ownership.oversight import Oversight
from guanxi.relationship.together.schedules import schedule_stream

S = TypeVar("S")

_TO_DO = ("due_items", "report")
"""Calls that are narrowed to what one person is to do. What he entered may be about files that are closed to him by now."""

_DEEPEST = 20
"""Posts above one another that are followed at most, so that a circle comes to an end."""


class CoreAccess:
    """Judges by role, level and section, as they are at the moment of the act (CORE-22, CORE-67 to CORE-69)."""

    def in_force(self, book: RuleBook, at: str) -> bool:
        """Return whether a version of the access rules says that they are."""
        return bool(book.versions(AccessRules.stored_name)) and book.find(AccessRules, at, at)[0].enforced

    def admit(self, ledger: Ledger, attempt: Attempt) -> None:
        """Return when the actor may, having put a view on record.

        Raises:
            NotPermitted: he may not; the attempt is kept.
        """
        asking = _Asking(ledger, attempt)
        claimed = attempt.claimed is not None
        refusal = not_authorised(attempt.actor.name, attempt.asked) if claimed else asking.refusal()
        if refusal is not None and not asking.is_way_out():
            raise _kept(refusal, attempt, asking.customer, ledger.clock().astimezone(ledger.tz))
        part = attempt.operation == "whole_view" and attempt.name is not None
        if attempt.reads and asking.customer is not None and not part:
            view = KeepView(customer=asking.customer, operation=attempt.operation, on=asking.ground)
            log = log_stream(attempt.actor.name, ledger.clock().astimezone(ledger.tz))
            ledger.execute(log, view, actor=attempt.actor.name)
        command, customer = attempt.command, asking.customer
        if command is not None and customer is not None and is_marketing(command) and not asking.consulted():
            withholdable = isinstance(command, SendMessage) and not attempt.happened
            channel = command.channel if withholdable else None  # only what may go out turns to him
            ledger.execute(customer, NoteNotConsulted(channel=channel), actor=attempt.actor.name)


def _named_beside(command: Any) -> Any:
    """Return the other customer's file that a command of master data names, such as one that is to be merged."""
    return (
        getattr(command, command.names_other, None) if command is not None and command.names_other else None
    )


def _kept(refusal: NotPermitted, attempt: Attempt, customer: str | None, at: datetime) -> NotPermitted:
    kept = KeepAttempt(
        operation=attempt.operation,
        asked=attempt.asked,
        code=refusal.code,
        rule=refusal.rule,
        customer=customer or attempt.subject,
        for_whom=attempt.actor.on_behalf_of,
        in_name_of=attempt.claimed,
    )
    refusal.keeping(To(log_stream(attempt.actor.name, at), kept))
    return refusal


class _Asking:
    """One attempt while it is judged.

    Attributes:
        customer: the stream of the customer's file that it is about, where it is about one.
        ground: on what ground a file that is not his own is shown.
    """

    def __init__(self, ledger: Ledger, attempt: Attempt) -> None:
        self._ledger, self._attempt = ledger, attempt
        now = stamp(ledger.clock())
        book = ledger.rule_book()
        self._rules = book.find(AccessRules, now, now)[0]
        self._calendar = book.find(CalendarRules, now, now)[0]
        self._now: datetime = instant(now, ledger.tz)
        self._user = attempt.actor.name
        self.customer = self._customer()
        self.ground: str | None = None

    def refusal(self) -> NotPermitted | None:
        """Return why the actor may not, or None."""
        attempt = self._attempt
        part = attempt.name if attempt.operation == "whole_view" else None
        if part is not None and not self._rules.not_shown:
            return None  # he was let in to the view, and no section of it is kept from anybody
        if attempt.command is not None and attempt.command.stored_name in SOFTWARE:
            return not_authorised(self._user, attempt.asked)
        who = self._standing(attempt.actor)
        if who is None:
            return not_authorised(self._user, attempt.asked)
        self._user = who.user
        if part is not None:
            return self._refusal_of_section(who, part)
        if attempt.entry is not None:
            return self._refusal_of_marking(who, attempt.entry)
        if attempt.reads and self._is_anothers_schedule(attempt.subject):
            return not_authorised(who.user, attempt.asked)
        deed = deed_of(attempt, self._rules)
        for act, target in self._targets(deed):
            refusal = refusal_of(who, act, target, self._rules)
            if refusal is not None:
                of_file = attempt.reads and attempt.subject is not None and refusal.code == "section_closed"
                return file_closed(who.user) if of_file else refusal
        return None

    def is_way_out(self) -> bool:
        """Return whether the access rules themselves are changed while nobody with an account in use might, nor make anybody who may.

        Whoever signs and approves it answers for it then: otherwise nothing could ever be changed again.
        """
        attempt = self._attempt
        if attempt.operation not in ("publish", "withdraw_rules") or attempt.claimed is not None:
            return False
        return attempt.name == AccessRules.stored_name and not any(map(self._rules_over_all, self._users()))

    def _rules_over_all(self, user: str) -> bool:
        """Return whether somebody may publish rule sets, or establish posts in all sections."""
        who = self._staff(user)
        post = Target(section=EVERYWHERE, command=EstablishPost.stored_name)
        ways: tuple[tuple[Deed, Target], ...] = (("design", Target(section=EVERYWHERE)), ("grant", post))
        return who.kind == "person" and any(
            refusal_of(who, deed, target, self._rules) is None for deed, target in ways
        )

    def _users(self) -> Iterator[str]:
        """Yield everybody who was ever enrolled."""
        after = ""
        while heads := self._ledger.store.streams(STAFF, after):
            after = heads[-1].stream
            yield from (user_of(head.stream) for head in heads)

    def _is_anothers_schedule(self, stream: str | None) -> bool:
        """Return whether a stream is somebody else's schedule, which is read as far as it is shown to others (CORE-85)."""
        mine = schedule_stream(self._user)
        return stream is not None and stream.startswith(schedule_stream("")) and stream != mine

    def _refusal_of_section(self, who: Standing, section: str) -> NotPermitted | None:
        """Return why a section of the whole view is not shown: none of his posts shows it, by its role or by a grant."""
        closed = self._rules.not_shown
        if any(section in h.grants or section not in closed.get(h.role, ()) for h in who.holdings):
            return None
        return not_authorised(who.user, section)

    def consulted(self) -> bool:
        """Return whether the actor looked into the customer's file in the days before (CORE-77)."""
        for back in range(self._rules.prior_view_days + 1):
            log = log_stream(self._attempt.actor.name, self._now - timedelta(days=back))
            for entry in self._ledger.store.entries(log):
                if entry.name == FileViewed.stored_name:
                    codec = self._ledger.codec
                    told = codec.fields(entry.name, entry.schema_version, entry.payload, log, entry.version)
                    if told.get("customer") == self.customer and told.get("operation") != "find":
                        return True
        return False

    # ------------------------------------------------------------ who he is

    def _standing(self, actor: Actor) -> Standing | None:
        """Return what the actor is now; an agent is at most what the person is for whom it acts."""
        who = self._staff(actor.name)
        if who.kind != "agent":
            return who
        if actor.on_behalf_of is None or not who.active:
            return None
        person = self._staff(actor.on_behalf_of)
        if person.kind == "agent":
            return None
        if who.levels:
            least = {key: min(n, who.levels.get(key, 0)) for key, n in person.levels.items()}
            person = attrs.evolve(person, levels=least)
        return person

    def _staff(self, user: str) -> Standing:
        member = self._state(staff_stream(user), StaffMember)
        if member is None or member.kind is None:
            return Standing(user)
        held = (self._state(post_stream(name), Post) for name in member.posts)
        return Standing(
            user,
            member.kind,
            member.account == "in_use",
            tuple(Holding(p.role, p.section, p.grants) for p in held if p is not None and p.role is not None),
            dict(member.levels),
        )

    # ------------------------------------------------------------ what he asks for

    def _targets(self, deed: Deed) -> Iterator[tuple[Deed, Target]]:
        """Yield what he wants to do, and to what; more than one where a link has two sides."""
        attempt = self._attempt
        if self.customer is not None and self._is_calling():
            # Somebody waits on the telephone: the section that the look-up found is enough, the file is not judged for it.
            self.ground = f"channel:{attempt.actor.channel}"
            yield deed, Target(section=attempt.parameters.get("section"), reads=True)
        elif self.customer is not None:
            yield deed, self._file(self.customer, deed)
            other = attempt.parameters.get("other") or _named_beside(attempt.command)
            if isinstance(other, str) and (stream := self._ledger.find(other)) is not None:
                yield deed, self._file(stream, deed)
        elif attempt.subject is None:
            yield self._over_many(deed)
        else:
            yield self._elsewhere(deed, attempt.subject)

    def _is_calling(self) -> bool:
        """Return whether this is the look-up of a caller who is on the line."""
        return self._is_present("recognise")

    def _is_present(self, operation: str) -> bool:
        """Return whether it is this call, made while the customer is present."""
        attempt = self._attempt
        return attempt.operation == operation and attempt.actor.channel in self._rules.exempt_channels

    def _over_many(self, deed: Deed) -> tuple[Deed, Target]:
        narrowed = self._attempt.parameters
        if self._attempt.operation in _TO_DO and narrowed.get("person") == self._user:
            return "own_account", Target()
        if deed == "list" and (self._is_calling() or self._is_present("find_by")):
            return "view", Target(reads=True)
        section = narrowed.get("section")
        return deed, Target(section=section if isinstance(section, str) else EVERYWHERE)

    def _elsewhere(self, deed: Deed, stream: str) -> tuple[Deed, Target]:
        """Return what an attempt on a stream that is no customer's comes to."""
        name = "" if self._attempt.command is None else self._attempt.command.stored_name
        kind = stream.partition("-")[0]
        if kind in (STAFF, LOG) and self._attempt.reads:
            mine = stream == staff_stream(self._user) or (kind == LOG and logged_of(stream) == self._user)
            return ("own_account" if mine else "staff_view"), Target(section=self._section_of(stream))
        if kind == POST and self._attempt.reads:
            return "staff_view", Target()
        if self._attempt.reads and not self._is_there(stream):
            return deed, Target(section=EVERYWHERE)  # as a file that is closed to him
        if kind == STAFF and stream == staff_stream(self._user) and name == "core.issue_extract":
            deed = "own_account"
        if deed == "own_account" and kind == STAFF and stream != staff_stream(self._user):
            deed = "account"
        if isinstance(self._attempt.command, SetLevel):
            return deed, Target(section=self._attempt.command.section, command=name)
        section = getattr(self._attempt.command, "section", None)
        if kind == STAFF and deed != "own_account":
            section = self._section_of(stream)
        return deed, Target(
            section=section, content=CONTENTS.get(name, "customer"), own=True, reads=True, command=name
        )

    def _is_there(self, stream: str) -> bool:
        """Return whether something is on record by this name, or it is his own schedule."""
        return stream == schedule_stream(self._user) or stream in self._ledger.store.heads([stream])

    def _section_of(self, stream: str) -> str | None:
        """Return the section in which a member of staff has his post; None where he has none, or one of the group."""
        standing = self._staff(user_of(stream.replace(f"{LOG}-", f"{STAFF}-", 1)))
        return next((h.section for h in standing.holdings if h.section is not None), None)

    def _file(self, stream: str, deed: Deed) -> Target:
        judged = self._ledger.relationship(stream)

        def state(kind: type[S]) -> S:
            found: S = judged.states[judged.room.states[kind]]
            return found

        ownership, reach = state(Ownership), state(Reach)
        owners = {ownership.maintainer, *reach.workers} - {None}
        own = self._user in owners or self._takes_over(state(Handovers)) or self._is_on(reach)
        leaders = state(Oversight).leaders
        command = "" if self._attempt.command is None else self._attempt.command.stored_name
        self.ground = None if own else self._why_shown(stream, {*owners, *leaders} - {None}, leaders)
        return Target(
            section=reach.section,
            content=CONTENTS.get(command, "document" if deed == "document" else "customer"),
            own=own,
            reads=self.ground is not None,
            command=command,
        )

    def _takes_over(self, proposed: Handovers) -> bool:
        """Return whether he accepts a hand-over that was proposed to him."""
        if not isinstance(self._attempt.command, AcceptHandover):
            return False
        found = proposed.by_number.get(self._attempt.command.handover)
        return found is not None and found.receiver == self._user

    def _is_on(self, reach: Reach) -> bool:
        """Return whether he records something on an item to whose team he belongs; the rest of the file is not his (CORE-86)."""
        command = self._attempt.command
        item = getattr(command, "item_kind", None), getattr(command, "item", None)
        return item in reach.items_of(self._user)

    def _why_shown(self, stream: str, whose: set[Any], leaders: tuple[str, ...]) -> str | None:
        """Return on what ground a file that is not his own is shown, or None."""
        if self._user in leaders:
            return "oversight"
        if self._attempt.actor.channel in self._rules.exempt_channels:
            return f"channel:{self._attempt.actor.channel}"
        if (number := self._looked_up(stream)) is not None:
            return f"lookup:{number}"
        return "subordinate" if any(self._is_above(person) for person in sorted(whose)) else None

    def _looked_up(self, stream: str) -> str | None:
        asked = self._state(staff_stream(self._user), Approvals)
        for number, approval in ({} if asked is None else asked.by_number).items():
            lapses = approval.lapses(self._calendar, self._rules.lookup_working_days)
            if approval.item != LOOKUP or lapses is None or self._now >= lapses:
                continue
            if stream in self._ledger.find_all(approval.customers).values():
                return number
        return None

    def _is_above(self, person: str) -> bool:
        """Return whether the actor holds a post above one of somebody's, along the tree of today."""
        mine = self._posts(self._user)
        seen: set[str] = set()
        above = self._posts(person)
        for _ in range(_DEEPEST):
            found = (self._state(post_stream(name), Post) for name in above - seen)
            seen |= above
            above = {p.reports_to for p in found if p is not None and p.reports_to is not None}
            if above & mine:
                return True
            if not above:
                break
        return False

    def _posts(self, user: str) -> set[str]:
        member = self._state(staff_stream(user), StaffMember)
        return set() if member is None else set(member.posts)

    # ------------------------------------------------------------ corrections

    def _refusal_of_marking(self, who: Standing, entry: str) -> NotPermitted | None:
        """Return why somebody may not correct or void an entry: his own, or another's; master data only where he posts it."""
        stream, _, version = entry.rpartition("/")
        found = next((e for e in self._ledger.store.entries(stream) if str(e.version) == version), None)
        if found is None:
            return None  # the ledger itself says that there is no such entry
        deed: Deed = "correct_own" if found.actor == who.user else "correct_others"
        if is_master(found.name):
            deed = "master"
        target = self._file(stream, deed) if self.customer is not None else Target(own=True)
        return refusal_of(who, deed, target, self._rules)

    # ------------------------------------------------------------ reading streams

    def _customer(self) -> str | None:
        """Return the stream of the customer's file that the attempt is about, or None."""
        subject = self._attempt.subject
        if self._attempt.entry is not None:
            subject = self._attempt.entry.rpartition("/")[0]
        return None if subject is None else self._ledger.find(subject)

    def _state(self, stream: str, kind: type[S]) -> S | None:
        try:
            judged = self._ledger.relationship(stream)
        except Unknown:
            return None
        at = judged.room.states.get(kind)
        found: S | None = None if at is None else judged.states[at]
        return found
