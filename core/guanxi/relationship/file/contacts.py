"""How a party can be reached: contact points of several kinds, telephone numbers in one form (CORE-08, CORE-15)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from zlib import crc32

import attrs

from guanxi.kernel.errors import Unknown
from guanxi.kernel.facets import ADVISORY, Claim, Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Fact
from guanxi.kernel.privacy import Erased
from guanxi.relationship.file.commands import Contact, RecordContactPoint, RetireContactPoint
from guanxi.relationship.file.events import ContactPointRecorded, ContactPointRetired
from guanxi.relationship.file.rules import TelephoneRules
from guanxi.relationship.file.telephone import TELEPHONES, e164
from guanxi.relationship.governance.events import PersonalDataErased

CONTACT = "core.contact."


def contact_claim(type_: str) -> str:
    """Return the claim kind of a type of contact point; telephone numbers of all types share one."""
    return CONTACT + ("telephone" if type_ in TELEPHONES else type_)


@attrs.define
class ContactPoint:
    """A contact point and since when it leads to the party."""

    type: str
    value: str | Erased
    since: datetime
    use: str | None = None
    verified: bool = False


@attrs.define
class ContactPoints:
    """How the party can be reached, by the point's number; and the last number that was given."""

    active: dict[str, ContactPoint] = attrs.field(factory=dict)
    last_number: int = 0
    _ever: dict[tuple[str, str], None] = attrs.field(factory=dict)

    def note(self, type_: str, value: str) -> None:
        """Keep that there was such a point, whatever becomes of it: a former holder is still found by it."""
        self._ever[type_, value] = None

    def ever(self) -> Iterator[tuple[str, str]]:
        """Yield every point that there was."""
        yield from self._ever

    @property
    def kinds(self) -> list[str]:
        """The types there are, in order of name; kinds count, not numbers (CORE-08)."""
        return sorted({point.type for point in self.active.values()})

    def find(self, type_: str, value: str) -> str | None:
        """Return the number of an active point, or None."""
        return next((n for n, p in self.active.items() if (p.type, p.value) == (type_, value)), None)


contacts = Facet("core.contacts", ContactPoints, title=Label("Contact points", "联系方式"))


def normalised(type_: str, value: str, now: Now) -> str:
    """Return a contact point as compared: telephone numbers in E.164, e-mail addresses in small letters.

    Raises:
        Invalid: ``invalid_phone``.
    """
    if type_ in TELEPHONES:
        return e164(value, now.rules(TelephoneRules).default_region)
    return value.strip().casefold() if type_ == "email" else value.strip()


def point_number(now: Now, n: int) -> str:
    """Return the number of a contact point.

    It says whose it is, so that merged files keep theirs apart, and when it was entered for when, since a late entry does not
    see the numbers that were given for later days.
    """
    whose = f"{crc32(now.subject.encode()):08x}"[:6]
    return f"{whose}.{now.known:%y%m%d%H%M%S%f}.{now.at:%y%m%d%H%M%S%f}.{n}"


def recorded(points: Iterable[Contact], now: Now) -> Iterator[Fact]:
    """Yield the events of a new file's contact points, whose values are normalised already.

    Args:
        points: what is recorded.
        now: the moment of its opening.
    """
    for n, point in enumerate(points, 1):
        yield ContactPointRecorded(
            point=point_number(now, n), type=point.type, value=point.value, use=point.use
        )


@contacts.evolve
def _recorded(s: ContactPoints, e: ContactPointRecorded, at: datetime) -> None:
    if isinstance(e.value, str):
        s.note(e.type, e.value)
    number = e.point.rpartition(".")[2]
    s.last_number = max(s.last_number, int(number) if number.isdecimal() else 0)
    known = s.find(e.type, e.value) if isinstance(e.value, str) else None
    if known is None:
        s.active[e.point] = ContactPoint(e.type, e.value, at, e.use, e.verified)
    else:
        point = s.active[known]
        point.use, point.verified = e.use or point.use, e.verified or point.verified


@contacts.evolve
def _retired(s: ContactPoints, e: ContactPointRetired) -> None:
    if isinstance(e.value, str) and (number := s.find(e.type, e.value)) is not None:
        del s.active[number]
    else:
        s.active.pop(e.point, None)


@contacts.claim
def _takes(e: ContactPointRecorded) -> Iterator[Claim]:
    if isinstance(e.value, str):
        yield Claim(contact_claim(e.type), e.value, ADVISORY)


@contacts.claim
def _gives_up(e: PersonalDataErased, s: ContactPoints) -> Iterator[Claim]:
    """What is erased finds nobody any more, under no number that he ever had."""
    if e.is_of_the_party("contact"):
        for type_, value in s.ever():
            yield Claim(contact_claim(type_), value, ADVISORY, release=True)


@contacts.decide
def _record(s: ContactPoints, c: RecordContactPoint, now: Now) -> Iterator[Fact]:
    value = normalised(c.type, c.value, now)
    known = s.find(c.type, value)
    if known is not None and s.active[known].verified >= c.verified:
        return
    number = point_number(now, s.last_number + 1) if known is None else known
    yield ContactPointRecorded(point=number, type=c.type, value=value, use=c.use, verified=c.verified)


@contacts.decide
def _retire(s: ContactPoints, c: RetireContactPoint, now: Now) -> Iterator[Fact]:
    value = normalised(c.type, c.value, now)
    number = s.find(c.type, value)
    if number is None:
        raise Unknown(
            "unknown_contact_point",
            f"there is no such {c.type} on file then",
            zh="此时档案中没有该联系方式",
            rule="CORE-15",
            accepts="a contact point that is on file at that moment",
        )
    yield ContactPointRetired(point=number, type=c.type, value=value, reason=c.reason)
