"""Opening a file: what it takes, how contact points are kept, and which of them are missing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from guanxi import Incomplete, Invalid, OpenFile, Unknown
from guanxi.relationship.file.commands import Contact, Identity, RecordContactPoint, RetireContactPoint
from guanxi.relationship.file.contacts import ContactPoints
from guanxi.relationship.file.customer_file import CustomerFile
from guanxi.relationship.file.identifiers import Identifiers
from guanxi.relationship.file.rules import OpeningRules, TelephoneRules
from tests.kernel.desks import Desk, moment
from tests.relationship.file.asking import due_items

MOBILE = Contact(type="mobile", value="13800138000")
OTHER_MOBILE = Contact(type="mobile", value="13900139000")
EMAIL = Contact(type="email", value=" Li.Ming@Example.com ")


@pytest.fixture
def desk() -> Iterator[Desk]:
    with Desk(plugins=[], now="2025-01-01") as d:
        yield d


def required(desk: Desk, **more: Any) -> None:
    desk.ledger.publish(
        OpeningRules(require_contact=True, **more),
        effective_from=moment("2025-01-01"),
        by="legal",
        approved_by="board",
    )


@pytest.mark.rule("CORE-08a")
@pytest.mark.parametrize(
    ("contacts", "about"),
    [((MOBILE, EMAIL), None), ((MOBILE, OTHER_MOBILE), "1/2")],
    ids=["mobile and e-mail", "two mobiles"],
)
def test_contact_methods_are_counted_by_kind(
    desk: Desk, contacts: tuple[Contact, ...], about: str | None
) -> None:
    required(desk)
    desk.on("2025-01-02").tell(OpenFile(name="李明", contacts=contacts))
    open_ones = [i for i in due_items(desk, "core.contact_gap") if i.state == "open"]
    assert [i.about for i in open_ones] == ([] if about is None else [about])


@pytest.mark.rule("CORE-08a")
def test_who_can_neither_be_reached_nor_told_apart_gets_no_file(desk: Desk) -> None:
    required(desk)
    with pytest.raises(Incomplete, match="contact_missing"):
        desk.on("2025-01-02").tell(OpenFile(name="李明"))
    assert desk.ledger.find("C-1") is None
    desk.tell(OpenFile(name="李明", identifiers=(Identity(scheme="till", value="T-1"),)))


@pytest.mark.rule("CORE-08")
def test_what_was_opened_elsewhere_already_is_kept_and_flagged(desk: Desk) -> None:
    required(desk)
    outcome = desk.on("2025-01-02").tell(OpenFile(name="李明"), happened=True)
    assert "contact_missing" in [getattr(e, "code", None) for e in outcome.events]


@pytest.mark.rule("CORE-08")
def test_a_host_may_refuse_files_with_too_few_contact_methods(desk: Desk) -> None:
    required(desk, enforce="refuse")
    desk.on("2025-01-02")
    with pytest.raises(Incomplete, match="contact_missing"):
        desk.tell(OpenFile(contacts=(MOBILE, OTHER_MOBILE)))
    desk.tell(OpenFile(contacts=(MOBILE, EMAIL)))


@pytest.mark.rule("CORE-08")
@pytest.mark.parametrize("party", ["household", "group"])
def test_a_household_or_group_is_reached_through_its_members(desk: Desk, party: Any) -> None:
    required(desk, enforce="refuse")
    desk.on("2025-01-02").tell(OpenFile(party=party, name="李家"))
    assert desk.ledger.history("C-1").state(CustomerFile).party == party
    assert due_items(desk, "core.contact_gap") == []


@pytest.mark.rule("CORE-08")
def test_a_gap_is_done_when_a_second_kind_is_on_file(desk: Desk) -> None:
    desk.tell(OpenFile(contacts=(MOBILE,)))
    desk.on("2025-01-05").tell(RecordContactPoint(type="wechat", value="liming"))
    (item,) = due_items(desk, "core.contact_gap")
    assert (item.until, item.done_at, item.state) == (None, moment("2025-01-05"), "done")
    assert due_items(desk, "core.contact_gap", as_of="2025-01-04")[0].state == "open"


@pytest.mark.rule("CORE-08")
def test_what_is_told_early_on_the_morning_after_the_opening_closes_the_gap_and_was_not_there_at_the_opening(
    desk: Desk,
) -> None:
    desk.tell(OpenFile(contacts=(MOBILE,)))
    early = "2025-01-02T06:00"  # still 1 January in UTC
    desk.on(early).tell(RecordContactPoint(type="wechat", value="liming"))
    (item,) = due_items(desk, "core.contact_gap")
    assert (item.done_at, item.state) == (moment(early), "done")


@pytest.mark.rule("CORE-08")
def test_opening_records_all_that_is_known_by_then(desk: Desk) -> None:
    desk.tell(
        OpenFile(
            name="李明",
            contacts=(MOBILE, MOBILE, EMAIL),
            identifiers=(Identity(scheme="prc_id", value="110105-19491231-002x"),),
            profile={"region": "上海"},
        )
    )
    history = desk.ledger.history("C-1")
    points = history.state(ContactPoints).active
    assert [(p.type, p.value) for p in points.values()] == [
        ("mobile", "+8613800138000"),
        ("email", "li.ming@example.com"),
    ]
    assert history.state(Identifiers).by_scheme == {"prc_id": ["11010519491231002X"]}
    assert history.state(CustomerFile).profile == {"region": "上海"}


@pytest.mark.rule("CORE-15b")
@pytest.mark.parametrize(
    ("number", "region", "kept"),
    [
        ("+86 138-0013-8000", "CN", "+8613800138000"),
        ("13800138000", "CN", "+8613800138000"),
        ("6123 4567", "CN", None),
        ("6123 4567", "HK", "+85261234567"),
        ("not a number", "CN", None),
    ],
)
def test_numbers_are_kept_in_one_form(desk: Desk, number: str, region: str, kept: str | None) -> None:
    desk.ledger.publish(
        TelephoneRules(default_region=region),
        effective_from=moment("2025-01-01"),
        by="it",
        approved_by="board",
    )
    desk.on("2025-01-02").open(on="2025-01-02")
    order = RecordContactPoint(type="mobile", value=number)
    if kept is None:
        with pytest.raises(Invalid, match="invalid_phone"):
            desk.tell(order)
    else:
        desk.tell(order)
        (point,) = desk.ledger.history("C-1").state(ContactPoints).active.values()
        assert point.value == kept


@pytest.mark.rule("CORE-15")
def test_a_region_without_telephones_is_refused() -> None:
    with pytest.raises(Unknown, match="unknown_code"):
        TelephoneRules(default_region="ZZ")


@pytest.mark.rule("CORE-08")
def test_a_contact_point_is_recorded_once_and_retired_once(desk: Desk) -> None:
    desk.open(on="2025-01-01")
    assert len(desk.tell(RecordContactPoint(type="mobile", value="13800138000")).entries) == 1
    assert desk.tell(RecordContactPoint(type="mobile", value="+86 138 0013 8000")).entries == ()
    desk.tell(RecordContactPoint(type="mobile", value="13800138000", verified=True))
    (point,) = desk.ledger.history("C-1").state(ContactPoints).active.values()
    assert point.verified
    desk.on("2025-02-01").tell(RetireContactPoint(type="mobile", value="138 0013 8000"))
    assert desk.ledger.history("C-1").state(ContactPoints).active == {}
    with pytest.raises(Unknown, match="unknown_contact_point"):
        desk.tell(RetireContactPoint(type="mobile", value="13800138000"))


@pytest.mark.rule("CORE-15")
def test_a_contact_point_that_is_entered_late_keeps_a_number_of_its_own(desk: Desk) -> None:
    desk.open(on="2025-01-01")
    for number, day in (("13800138000", "2025-03-10"), ("13800138001", "2025-03-05")):
        desk.on("2025-03-20").tell(RecordContactPoint(type="mobile", value=number), day, reason="late")
    points = desk.ledger.history("C-1").state(ContactPoints).active.values()
    assert sorted(str(p.value) for p in points) == ["+8613800138000", "+8613800138001"]
