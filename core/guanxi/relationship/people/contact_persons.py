"""Contact persons and key persons: who acts for an organisation, and who sways its decisions (CORE-18)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import attrs

from guanxi.kernel.facets import Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Fact
from guanxi.kernel.privacy import Erased
from guanxi.relationship.people.commands import NameContactPerson, RecordContactPersonLeft
from guanxi.relationship.people.events import ContactPersonLeft, ContactPersonNamed


@attrs.define
class ContactPerson:
    """Somebody who acts for the organisation.

    Args:
        since: since when he does.
        name: his name.
        post: his post.
        decision_role: what he does in their decisions, if anybody said.
        key_person: whether he decides or sways them.
        preferences: what he likes.
        worries: what he fears.
        phone: his telephone number.
    """

    since: datetime
    name: str | Erased | None
    post: str | None
    decision_role: str | None
    key_person: bool
    preferences: str | Erased | None
    worries: str | Erased | None
    phone: str | Erased | None = None


@attrs.define
class ContactPersons:
    """Those who act for the organisation, by their ids."""

    by_id: dict[str, ContactPerson] = attrs.field(factory=dict)

    @property
    def key_persons(self) -> tuple[str, ...]:
        """Ids of the key persons, in order."""
        return tuple(sorted(person for person, found in self.by_id.items() if found.key_person))


contact_persons = Facet("core.contact_persons", ContactPersons, title=Label("Contact persons", "联系人"))


@contact_persons.evolve
def _named(s: ContactPersons, e: ContactPersonNamed, at: datetime) -> None:
    before = s.by_id.get(e.person)
    s.by_id[e.person] = ContactPerson(
        since=at if before is None else before.since,
        name=e.name,
        post=e.post,
        decision_role=e.decision_role,
        key_person=e.key_person,
        preferences=e.preferences,
        worries=e.worries,
        phone=e.phone,
    )


@contact_persons.evolve
def _left(s: ContactPersons, e: ContactPersonLeft) -> None:
    s.by_id.pop(e.person, None)


@contact_persons.decide
def _name(s: ContactPersons, c: NameContactPerson, now: Now) -> Iterator[Fact]:
    yield ContactPersonNamed(
        person=c.person,
        name=c.name,
        post=c.post,
        decision_role=c.decision_role,
        key_person=c.key_person,
        preferences=c.preferences,
        worries=c.worries,
        phone=c.phone,
    )


@contact_persons.decide
def _leave(s: ContactPersons, c: RecordContactPersonLeft, now: Now) -> Iterator[Fact]:
    now.need(
        s.by_id.get(c.person),
        "unknown_contact_person",
        "CORE-18",
        f"on {now.at:%Y-%m-%d} {c.person} is no contact person",
        zh=f"{now.at:%Y-%m-%d} 时 {c.person} 不是联系人",
        accepts=", ".join(sorted(s.by_id)) or "a contact person",
    )
    yield ContactPersonLeft(person=c.person, cause=c.cause, successor=c.successor)
