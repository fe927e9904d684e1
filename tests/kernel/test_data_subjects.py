"""A personal field belongs to the subject and the family that its entry names, in the log, in corrections and in read models."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import attrs
import pytest

from guanxi import (
    ERASED,
    Command,
    Erased,
    Facet,
    Fact,
    Label,
    Now,
    Parts,
    ReadModel,
    Rows,
    column,
    command,
    event,
    personal,
)
from guanxi.kernel.timeline import Cut
from tests.kernel.desks import Desk


@event("club.contact_named")
class ContactNamed(Fact):
    """Somebody who acts for a member."""

    person: str
    phone: str | Erased = personal("contact", subject="person")
    family: str
    note: str | Erased | None = personal("identity", family_from="family", default=None)


@command("club.name_contact")
class NameContact(Command):
    """Name somebody who acts for a member."""

    person: str
    phone: str
    family: str = "preference"
    note: str | None = None


@attrs.define
class Contacts:
    """Who acts for a member."""

    phones: dict[str, str | Erased] = attrs.field(factory=dict)
    notes: dict[str, str | Erased | None] = attrs.field(factory=dict)


contacts = Facet("club.contacts", Contacts)


@contacts.evolve
def _named(s: Contacts, e: ContactNamed) -> None:
    s.phones[e.person], s.notes[e.person] = e.phone, e.note


@contacts.decide
def _name(s: Contacts, c: NameContact, now: Now) -> Iterator[Fact]:
    yield ContactNamed(person=c.person, phone=c.phone, family=c.family, note=c.note)


@attrs.define
class ContactRow:
    """One contact."""

    person: str = column(key=True)
    phone: str | Erased | None = personal("contact", subject="person", default=None)  # noqa: RUF009


rows = ReadModel("club.contacts", ContactRow)


@rows.on
def _row(rows: Rows[ContactRow], e: ContactNamed, at: datetime) -> None:
    rows[e.person].phone = e.phone


PARTS = Parts(
    name="club",
    version="1",
    title=Label("Club", "俱乐部"),
    events=(ContactNamed,),
    commands=(NameContact,),
    facets=(contacts,),
    read_models=(rows,),
)


@pytest.fixture
def desk() -> Iterator[Desk]:
    with Desk(plugins=[PARTS]).open("O-1", "O-2") as d:
        for who in ("O-1", "O-2"):
            d.tell(NameContact(person="li", phone="1", note="tea"), who=who)
            d.tell(NameContact(person="wang", phone="2"), who=who)
        yield d


def phones(desk: Desk, who: str) -> dict[str, str | Erased]:
    state: Contacts = desk.ledger.history(who).state(Contacts)
    return state.phones


@pytest.mark.rule("CORE-96")
def test_erasing_a_subject_reaches_every_file_it_appears_in_and_nobody_else(desk: Desk) -> None:
    desk.ledger.backend.keyring.destroy("li", "contact")
    assert phones(desk, "O-1") == phones(desk, "O-2") == {"li": ERASED, "wang": "2"}


def test_a_corrected_value_stays_that_subjects(desk: Desk) -> None:
    first = next(e for e in desk.ledger.history("O-1").entries() if e.name == "club.contact_named")
    desk.ledger.correct(first.id, {"phone": "3"}, actor="clerk", reason="mistyped")
    assert phones(desk, "O-1")["li"] == "3"
    desk.ledger.backend.keyring.destroy("li", "contact")
    assert phones(desk, "O-1") == {"li": ERASED, "wang": "2"}


def test_a_family_named_by_the_entry_is_erased_alone(desk: Desk) -> None:
    stream = desk.stream("O-1")
    desk.ledger.backend.keyring.destroy(stream, "identity")
    assert desk.ledger.history("O-1").state(Contacts).notes["li"] == "tea"
    desk.ledger.backend.keyring.destroy(stream, "preference")
    assert desk.ledger.history("O-1").state(Contacts).notes["li"] is ERASED


def test_a_cell_of_a_read_model_belongs_to_its_rows_subject(desk: Desk) -> None:
    ledger = desk.ledger
    ledger.reporting.project()
    ledger.backend.keyring.destroy("li", "contact")
    reader = ledger.reporting.at([rows], Cut(), "9999")
    assert {(stream, r.person): r.phone for stream, r in reader.rows(rows)} == {
        (desk.stream(who), person): phone
        for who in ("O-1", "O-2")
        for person, phone in (("li", ERASED), ("wang", "2"))
    }
