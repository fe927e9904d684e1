"""Erasure goes by data subject and family: in every file in which somebody appears, and nobody else is touched."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from guanxi import ERASED, CustomerFile, Money, RecordProfileFact, RuleNotMet, verify
from guanxi.relationship.care.age_bands import note_age_bands
from guanxi.relationship.care.commands import GiveGift
from guanxi.relationship.documents.commands import PlaceLegalHold
from guanxi.relationship.file.commands import LinkParty, RecordContactPoint
from guanxi.relationship.governance.erasing import complete_erasures, erase
from guanxi.relationship.governance.privacy import Privacy
from guanxi.relationship.governance.rules import PrivacyRules
from guanxi.relationship.people.commands import NameContactPerson
from guanxi.relationship.people.contact_persons import ContactPerson, ContactPersons
from guanxi.relationship.pipeline.commands import EndContract, SignContract
from tests.kernel.desks import Desk

NOBODY_ELSE = ("O1", "O2", "O3")


@pytest.fixture
def desk() -> Iterator[Desk]:
    """Three organisations: Li acts for two of them and signed for the first, Mei acts for all three."""
    with Desk(plugins=[], now="2025-03-01") as d:
        d.open(*NOBODY_ELSE, on="2025-02-01", party="organisation", name="Works")
        for who in NOBODY_ELSE:
            d.tell(RecordContactPoint(type="mobile", value="13800138000"), who=who)
            d.tell(person("mei"), who=who)
        for who in ("O1", "O2"):
            d.tell(person("li"), who=who)
        d.tell(
            SignContract(
                contract="K-1", amount=Money(5000, "CNY"), parties=("li",), ends_on=date(2026, 2, 28)
            ),
            who="O1",
            happened=True,
        )
        yield d.on("2025-06-01")


def person(who: str) -> NameContactPerson:
    return NameContactPerson(
        person=who, name=f"Mr {who}", phone="13900139000", preferences="tea", worries="late goods"
    )


def shown(desk: Desk, who: str, contact: str) -> ContactPerson:
    state: ContactPersons = desk.ledger.history(who).state(ContactPersons)
    return state.by_id[contact]


def seen(found: ContactPerson) -> list[Any]:
    return [found.phone, found.preferences, found.worries]


@pytest.mark.rule("CORE-96a")
@pytest.mark.parametrize("asked_at", ["O1", "O2"])
def test_a_contact_person_is_erased_in_every_file_and_his_signature_kept_while_the_contract_runs(
    desk: Desk, asked_at: str
) -> None:
    done = erase(desk.ledger, asked_at, actor="officer", legal_basis="request", data_subject="li")
    assert {"contact", "preference"} <= set(done.erased)
    assert set(done.restricted) == {"identity", "dealings"}
    for who in ("O1", "O2"):
        found = shown(desk, who, "li")
        assert seen(found) == [ERASED, ERASED, ERASED]
        assert found.name == "Mr li"
        state: Privacy = desk.ledger.history(who).state(Privacy)
        assert {f for (subject, f) in state.restricted if subject == "li"} == {"identity", "dealings"}
        assert not any(subject == "" for subject, _ in (*state.restricted, *state.erased))
    for who in NOBODY_ELSE:
        assert seen(shown(desk, who, "mei")) == ["13900139000", "tea", "late goods"]
        file: CustomerFile = desk.ledger.history(who).state(CustomerFile)
        assert file.name == "Works"
        sections = desk.ledger.whole_view(who).section("core.view_contacts").rows
        assert [row[2] for row in sections] == ["+8613800138000"]
    assert desk.ledger.history("O3").state(Privacy).erased == set()
    assert complete_erasures(desk.ledger) == 0
    assert verify(desk.ledger.store).clean


@pytest.mark.rule("CORE-96a")
def test_what_is_restricted_or_erased_of_a_contact_person_is_not_told_anew(desk: Desk) -> None:
    erase(desk.ledger, "O1", actor="officer", legal_basis="request", data_subject="li")
    for who in ("O1", "O2"):
        with pytest.raises(RuleNotMet, match="processing_restricted"):
            desk.tell(person("li"), who=who)
        desk.tell(person("mei"), who=who)


@pytest.mark.rule("CORE-96a")
@pytest.mark.parametrize("ends", ["its last day", "ended"])
def test_his_name_goes_once_the_contract_no_longer_runs(desk: Desk, ends: str) -> None:
    if ends == "ended":
        desk.tell(EndContract(contract="K-1", how="terminated", reason="done"), who="O1")
    else:
        desk.on("2026-03-01")
    done = erase(desk.ledger, "O2", actor="officer", legal_basis="request", data_subject="li")
    assert done.restricted == {}
    assert shown(desk, "O1", "li").name is shown(desk, "O2", "li").name is ERASED


@pytest.mark.rule("CORE-96a")
def test_after_the_contract_what_he_signed_is_kept_as_long_as_dealings_are(desk: Desk) -> None:
    desk.ledger.publish(
        PrivacyRules(retention_years={"dealings": 5}),
        effective_from=desk.now,
        by="clerk",
        approved_by="head",
    )
    desk.on("2026-03-01")
    done = erase(desk.ledger, "O1", actor="officer", legal_basis="request", data_subject="li")
    assert set(done.restricted) == {"identity", "dealings"}
    assert shown(desk, "O2", "li").name == "Mr li"


def test_a_hold_on_one_file_stops_the_erasure_in_all(desk: Desk) -> None:
    desk.tell(PlaceLegalHold(hold="H", reason="order"), who="O2")
    before = desk.count()
    with pytest.raises(RuleNotMet, match="legal_hold"):
        erase(desk.ledger, "O1", actor="officer", legal_basis="request", data_subject="li")
    assert desk.count() == before
    assert shown(desk, "O1", "li").phone == "13900139000"


@pytest.mark.rule("CORE-96b")
def test_a_friend_is_unreadable_in_the_file_of_who_referred_him_too(desk: Desk) -> None:
    desk.open("A", "F", on="2025-03-01", name="somebody")
    desk.tell(LinkParty(other="F", link_type="referrer", other_name="my friend Fang"), who="A")
    desk.tell(GiveGift(gift="G-1", value=Money(50, "CNY")), who="A")

    def ties() -> list[Any]:
        rows = desk.ledger.whole_view("A").section("core.view_people").rows
        return [(row[1], row[3]) for row in rows]

    assert ties() == [("my friend Fang", "referrer")]
    erase(desk.ledger, "F", actor="officer", legal_basis="request")
    assert ties() == [(ERASED, "referrer")]
    gifts = [x for x in desk.ledger.history("A").lines() if x.name == "core.gift_given"]
    assert [x.event.value for x in gifts] == [Money(50, "CNY")]
    assert desk.ledger.history("A").state(CustomerFile).name == "somebody"
    assert "Fang" not in "".join(str(x) for x in desk.ledger.history("A").lines())


@pytest.mark.rule("CORE-96d")
def test_age_bands_stand_after_the_birth_date_is_erased_and_the_birthday_list_says_what_it_cannot_tell(
    desk: Desk,
) -> None:
    for n, born in enumerate(("1980-02-03", "1984-12-24", "2001-12-26", None)):
        desk.open(f"P{n}", on="2025-03-01", name=f"P{n}")
        if born is not None:
            told = RecordProfileFact(field_name="birth_date", value=born, retention="preference")
            desk.tell(told, who=f"P{n}")
    desk.on("2025-12-24")
    assert note_age_bands(desk.ledger, actor="clerk") == 3
    assert note_age_bands(desk.ledger, actor="clerk") == 0

    def bands() -> Any:
        return desk.ledger.report("core.age_bands", as_of="2025-12-31").rows

    def birthdays() -> Any:
        return desk.ledger.report("core.birthdays", as_of="2025-12-24")

    def underivable(report: Any) -> list[str]:
        return [told for label, told in report.notes if label.en == "not derivable: erased"]

    before = bands()
    assert [(row[0], row[1]) for row in before] == [("18-29", 1), ("30-44", 1), ("45-59", 1)]
    assert [row[1] for row in birthdays().rows] == ["P1", "P2"]
    assert underivable(birthdays()) == []
    desk.on("2026-06-01")
    for who in ("P1", "P2"):
        erase(desk.ledger, who, actor="officer", legal_basis="request")
    assert bands() == before
    again = birthdays()
    assert again.rows == ()
    assert underivable(again) == ["2"]
    assert note_age_bands(desk.ledger, actor="clerk") == 1
