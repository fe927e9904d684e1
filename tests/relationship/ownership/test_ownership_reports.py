"""The ownership register foots; who is unowned or orphaned is listed, with whom the routing table names."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from guanxi import Invalid, Money
from guanxi.relationship.access.commands import EnrolStaff
from guanxi.relationship.access.events import AccountChangeExecuted
from guanxi.relationship.dealings.events import ReceiptRecorded, ReceiptReversed
from guanxi.relationship.file.commands import RecordProfileFact
from guanxi.relationship.ownership.commands import (
    AcceptHandover,
    AssignMaintainer,
    AssignOversight,
    ProposeHandover,
)
from guanxi.relationship.ownership.events import MaintainerDrawn
from guanxi.relationship.ownership.maintainers import Ownership
from guanxi.relationship.ownership.routing import Routing
from guanxi.relationship.ownership.rules import OwnershipRules
from tests.kernel.desks import moment
from tests.relationship.ownership.telling import FactDesk

ROUTES = {"region=east": "E", "region=east&source_channel=referral": "R", "party=organisation": "O"}


class StaffDesk(FactDesk):
    """A desk at which facts of accounts can be told too."""

    def account(self, user: str, on: str, *, closed: bool = False) -> None:
        """Open somebody's account, or close it."""
        change = AccountChangeExecuted(change="X", kind="leave", executed_by="admin")
        command = self.staff.tell([change]) if closed else EnrolStaff()
        self.now = max(self.now, moment(on))
        self.ledger.execute(
            f"staff-{user}", command, actor="admin", occurred_at=moment(on), reason="told", happened=True
        )


@pytest.fixture
def desk() -> Iterator[FactDesk]:
    with FactDesk(now="2025-06-01") as d:
        yield d.open("C-1", "C-2", "C-3", on="2025-01-01")


def publish(desk: FactDesk, rules: OwnershipRules) -> None:
    desk.ledger.publish(rules, effective_from=desk.now, by="clerk", approved_by="manager")
    desk.on("2025-06-02")


@pytest.mark.rule("CORE-19")
def test_the_register_counts_customers_amounts_and_overseers_by_maintainer(desk: FactDesk) -> None:
    for who in ("C-1", "C-2"):
        desk.tell(AssignMaintainer(person="A"), who=who)
    desk.tell(AssignOversight(leader="H"), who="C-1")
    for receipt, currency in (("R-1", "CNY"), ("R-2", "CNY"), ("R-3", "USD")):
        desk.fact("2025-06-01", ReceiptRecorded(receipt=receipt, amount=Money("100.50", currency)))
    desk.fact("2025-06-01T11:00", ReceiptReversed(receipt="R-2"))
    rows = desk.ledger.report("core.ownership_register").rows
    assert rows == (
        ("owned", "A", 2, Decimal("100.50"), 1, "no"),
        ("unowned", None, 1, Decimal(0), 0, "no"),
    )
    dollars = desk.ledger.report("core.ownership_register", currency="USD").rows
    assert dollars[0][3] == Decimal("100.50")
    past = desk.ledger.report("core.ownership_register", as_of="2025-05-31").rows
    assert past == (("unowned", None, 3, Decimal(0), 0, "no"),)


@pytest.mark.rule("CORE-19")
def test_a_limit_of_customers_is_shown_where_the_host_sets_one(desk: FactDesk) -> None:
    publish(desk, OwnershipRules(max_customers=1))
    for who in ("C-1", "C-2"):
        desk.tell(AssignMaintainer(person="A"), who=who)
    desk.tell(AssignMaintainer(person="B"), who="C-3")
    rows = desk.ledger.report("core.ownership_register").rows
    assert [(row[1], row[5]) for row in rows] == [("A", "yes"), ("B", "no")]


@pytest.mark.rule("CORE-21a")
def test_a_customer_whom_no_routing_row_fits_is_on_the_unowned_list(desk: FactDesk) -> None:
    publish(desk, OwnershipRules(routes={"region=east": "E"}))
    desk.tell(AssignMaintainer(person="A"), who="C-2")
    desk.tell(RecordProfileFact(field_name="region", value="east"), who="C-3")
    rows = desk.ledger.report("core.without_maintainer").rows
    assert rows == (
        ("unowned", "C-1", None, date(2025, 1, 1), None, None),
        ("unowned", "C-3", None, date(2025, 1, 1), "E", None),
    )
    assert desk.state(Ownership, who="C-3").maintainer is None


@pytest.mark.rule("CORE-21")
@pytest.mark.parametrize(
    ("known", "person"),
    [
        ({"region": "east"}, "E"),
        ({"region": "east", "source_channel": "referral"}, "R"),
        ({"region": "east", "party": "organisation"}, "O"),
        ({"region": "west"}, None),
    ],
)
def test_of_the_rows_that_fit_the_one_with_most_conditions_counts(
    known: dict[str, str], person: str | None
) -> None:
    found = OwnershipRules(routes=ROUTES).route(known)
    assert (None if found is None else found[1]) == person


@pytest.mark.rule("CORE-21")
def test_the_routing_table_assigns_by_itself_only_where_the_host_says_so(desk: FactDesk) -> None:
    publish(desk, OwnershipRules(routes=ROUTES, auto_route=True))
    desk.tell(AssignMaintainer(person="A"), who="C-2")
    for who in ("C-1", "C-2"):
        desk.tell(RecordProfileFact(field_name="region", value="east"), who=who)
    assert [desk.state(Ownership, who=w).maintainer for w in ("C-1", "C-2")] == ["E", "A"]
    drawn = [x.event for x in desk.ledger.history("C-1").lines() if isinstance(x.event, MaintainerDrawn)]
    assert drawn == [MaintainerDrawn(basis="route:region=east", person="E")]
    found: Routing = desk.state(Routing)
    assert found.known["region"] == "east"


@pytest.mark.rule("CORE-21")
def test_a_routing_table_with_a_condition_that_says_nothing_is_refused() -> None:
    with pytest.raises(Invalid, match="out_of_scale"):
        OwnershipRules(routes={"region": "E"})


@pytest.mark.rule("CORE-20c")
def test_customers_of_a_maintainer_whose_account_is_closed_are_orphaned() -> None:
    with StaffDesk(now="2025-06-01") as desk:
        desk.open("C-1", on="2025-01-01").tell(AssignMaintainer(person="A"))
        desk.account("A", "2025-06-02")
        desk.account("A", "2025-06-09", closed=True)
        desk.on("2025-06-20")
        assert desk.ledger.report("core.without_maintainer", as_of="2025-06-08").rows == ()
        listed = desk.ledger.report("core.without_maintainer", as_of="2025-06-09").rows
        assert listed == (("orphaned", "C-1", "A", date(2025, 6, 9), None, None),)
        assert desk.ledger.report("core.ownership_register").rows[0][:3] == ("orphaned", "A", 1)
        desk.tell(ProposeHandover(handover="H-1", receiver="B"))
        assert desk.ledger.report("core.without_maintainer").rows[0][5] == "H-1"
        signed = AcceptHandover(
            handover="H-1", giver_signature="S", receiver_signature="B", signed_for_giver="supervisor"
        )
        desk.tell(signed)
        assert desk.ledger.report("core.without_maintainer").rows == ()
