"""What a reader may not see of the whole view is counted; who turns to a customer for marketing has looked into his file before."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from guanxi import Money
from guanxi.kernel.access import let_in
from guanxi.relationship.access.commands import EstablishPost
from guanxi.relationship.access.rules import AccessRules
from guanxi.relationship.access.streams import post_stream
from guanxi.relationship.care.commands import GiveConsent, SendMessage
from guanxi.relationship.dealings.commands import RecordReceipt
from tests.relationship.access.offices import Office

PAYMENTS = "core.view_payments"


@pytest.fixture
def office() -> Iterator[Office]:
    with Office("2025-06-11", enforced=False) as o:
        for n in range(12):
            o.setting("C-1", RecordReceipt(receipt=f"R-{n}", amount=Money(100, "CNY")))
        closed = AccessRules(enforced=True, not_shown={"business": (PAYMENTS,)})
        o.ledger.publish(closed, effective_from=o.now, by="x", approved_by="y")
        o.on("2025-06-12")
        yield o


@pytest.mark.rule("CORE-77a")
def test_what_the_reader_may_not_see_is_counted_and_not_shown(office: Office) -> None:
    payments = office.as_("ann").whole_view("C-1").section(PAYMENTS)
    assert (payments.rows, payments.hidden) == ((), 12)
    assert len(office.as_("ann").whole_view("C-1").section("core.view_receivables").columns)
    everything = office.as_("head").whole_view("C-1").section(PAYMENTS)
    assert (len(everything.rows), everything.hidden) == (12, 0)
    assert office.attempts("ann") == []
    assert office.views("ann") == 2


@pytest.mark.rule("CORE-77a")
def test_a_post_may_be_granted_a_section_that_its_role_is_not_shown(office: Office) -> None:
    office.setting(
        post_stream("ann-post"),
        EstablishPost(role="business", section="1", reports_to="head-1", grants=(PAYMENTS,)),
    )
    assert len(office.as_("ann").whole_view("C-1").section(PAYMENTS).rows) == 12


def flags(office: Office) -> list[str]:
    with let_in():
        lines = office.ledger.history("C-1").lines()
    return [x.event.code for x in lines if x.name == "core.breach_recorded"]


@pytest.mark.rule("CORE-77b")
@pytest.mark.parametrize(
    ("viewed", "by", "flagged"),
    [
        ("2025-06-12", "ann", False),
        ("2025-06-05", "ann", False),
        ("2025-06-04", "ann", True),
        ("2025-06-05", "head", True),
        (None, "ann", True),
    ],
)
def test_marketing_without_a_look_into_the_file_is_flagged(
    viewed: str | None, by: str, flagged: bool
) -> None:
    with Office("2025-05-20") as office:
        office.setting("C-1", GiveConsent(wording_version="1"))
        if viewed is not None:
            office.on(viewed)
            office.as_(by).whole_view("C-1")
        office.on("2025-06-12")
        told = SendMessage(message="M-1", kind="marketing", channel="call")
        assert office.as_("ann").execute("C-1", told, actor="ann").entries
        assert flags(office) == (["not_consulted"] if flagged else [])
        service = SendMessage(message="M-2", kind="service", channel="call")
        office.as_("ann").execute("C-1", service, actor="ann")
        assert len(flags(office)) == flagged


@pytest.mark.rule("CORE-77")
@pytest.mark.rule("CORE-74")
def test_a_withheld_message_turns_to_nobody_and_is_flagged_when_it_is_sent_after_all() -> None:
    with Office("2025-05-20") as office:
        office.on("2025-06-12")
        told = SendMessage(message="M-1", kind="marketing", channel="call")
        office.as_("ann").execute("C-1", told, actor="ann")
        assert flags(office) == []
        office.setting("C-1", GiveConsent(wording_version="1"))
        office.as_("ann").execute("C-1", told, actor="ann")
        assert flags(office) == ["not_consulted"]


@pytest.mark.rule("CORE-77")
def test_a_message_told_as_sent_is_flagged_though_it_should_have_been_withheld() -> None:
    with Office("2025-05-20") as office:
        office.on("2025-06-12")
        told = SendMessage(message="M-1", kind="marketing", channel="call")
        office.as_("ann").execute("C-1", told, actor="ann", happened=True)
        assert "not_consulted" in flags(office)
