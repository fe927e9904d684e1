"""Households and groups: who belongs where, and what they come to together."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from guanxi import Invalid, Money, OpenFile, RuleNotMet, Unknown
from guanxi.relationship.dealings.commands import RecordReceipt, ReverseReceipt
from guanxi.relationship.file.belonging import Belonging
from guanxi.relationship.file.commands import LinkParty, MergeFiles, UnlinkParty
from guanxi.relationship.file.rules import BelongingRules
from tests.kernel.desks import Desk, moment

QUARTER = {"since": "2025-01-01", "until": "2025-03-31"}


@pytest.fixture
def desk() -> Iterator[Desk]:
    with Desk(plugins=[], now="2025-01-01") as d:
        d.open("P1", "P2", on="2025-01-01")
        d.tell(OpenFile(party="household", name="李家"), who="H")
        yield d


def link(desk: Desk, who: str, other: str, on: str, link_type: Any = "household") -> str:
    told = desk.on(on).tell(LinkParty(other=other, link_type=link_type), on, who=who)
    return told.entries[0].id if told.entries else ""


def pay(desk: Desk, who: str, receipt: str, amount: int, on: str) -> None:
    desk.on(on).tell(RecordReceipt(receipt=receipt, amount=Money(amount, "CNY")), on, who=who)


def total(desk: Desk, **asked: Any) -> Decimal:
    rows = desk.ledger.report("core.group_rollup", group="H", **{**QUARTER, **asked}).rows
    return Decimal(sum(row[3] for row in rows))


@pytest.fixture
def family(desk: Desk) -> tuple[Desk, str]:
    link(desk, "P1", "H", "2025-01-01")
    pay(desk, "P1", "a", 100, "2025-02-10")
    pay(desk, "P2", "b", 200, "2025-02-10")
    entry = link(desk, "P2", "H", "2025-03-01")
    pay(desk, "P2", "c", 300, "2025-03-05")
    return desk, entry


@pytest.mark.rule("CORE-14a")
def test_members_count_from_when_they_belong_or_as_of_the_report(family: tuple[Desk, str]) -> None:
    desk, _ = family
    desk.on("2025-04-01")
    assert total(desk) == 400
    assert total(desk, basis="report") == 600
    desk.ledger.publish(
        BelongingRules(rollup_basis="report"), effective_from=desk.now, by="it", approved_by="board"
    )
    assert (total(desk), total(desk, basis="occurred")) == (600, 400)


@pytest.mark.rule("CORE-14b")
def test_a_link_set_right_later_counts_as_known_later(family: tuple[Desk, str]) -> None:
    desk, entry = family
    desk.on("2025-04-02").ledger.correct(
        entry, effective_from=moment("2025-02-01"), actor="clerk", reason="moved in earlier"
    )
    assert total(desk, as_known="2025-04-01") == 400
    assert total(desk) == 600


@pytest.mark.rule("CORE-14")
@pytest.mark.parametrize("link_type", ["household", "group"])
def test_a_party_is_in_one_household_and_one_group_at_a_time(desk: Desk, link_type: str) -> None:
    desk.tell(OpenFile(party="household"), who="H2")
    link(desk, "P1", "H", "2025-01-02", link_type)
    with pytest.raises(RuleNotMet, match="already_member"):
        link(desk, "P1", "H2", "2025-02-01", link_type)
    desk.on("2025-03-01").tell(UnlinkParty(other="H", link_type=link_type), who="P1")  # type: ignore[arg-type]
    link(desk, "P1", "H2", "2025-03-01", link_type)
    ties = desk.ledger.history("P1").state(Belonging).ties
    assert [t.other for t in ties[link_type]] == [desk.stream("H2")]


@pytest.mark.rule("CORE-14")
def test_a_host_may_allow_several_at_a_time_and_guarantors_always_are(desk: Desk) -> None:
    desk.open("H2", on="2025-01-01")
    for other in ("H", "H2"):
        link(desk, "P1", other, "2025-01-02", "guarantor")
    desk.ledger.publish(
        BelongingRules(one_at_a_time=False), effective_from=moment("2025-01-10"), by="it", approved_by="board"
    )
    for other in ("H", "H2"):
        link(desk, "P1", other, "2025-01-11")
    assert {k: len(v) for k, v in desk.ledger.history("P1").state(Belonging).ties.items()} == {
        "guarantor": 2,
        "household": 2,
    }


@pytest.mark.rule("CORE-14")
def test_a_link_to_itself_to_nobody_or_ended_twice_is_refused(desk: Desk) -> None:
    with pytest.raises(Invalid, match="link_to_itself"):
        link(desk, "P1", "P1", "2025-01-02")
    with pytest.raises(Unknown, match="unknown_relationship"):
        link(desk, "P1", "nobody", "2025-01-02")
    with pytest.raises(RuleNotMet, match="not_member"):
        desk.tell(UnlinkParty(other="H", link_type="household"), who="P1")
    assert link(desk, "P1", "H", "2025-01-02")
    assert link(desk, "P1", "H", "2025-01-03") == ""
    with pytest.raises(Invalid, match="out_of_scale"):
        LinkParty(other="H", link_type="owner", share=Decimal(101))


@pytest.mark.rule("CORE-14")
def test_group_companies_of_different_branches_come_together_under_the_group(desk: Desk) -> None:
    desk.tell(OpenFile(party="group", name="集团"), who="G")
    desk.tell(OpenFile(party="group", name="分支"), who="B")
    for who in ("O1", "O2"):
        desk.on("2025-01-02").tell(OpenFile(party="organisation"), "2025-01-02", who=who)
        pay(desk, who, who, 100, "2025-02-10")
    link(desk, "B", "G", "2025-02-01", "group")
    link(desk, "O1", "G", "2025-02-01", "group")
    link(desk, "O2", "B", "2025-02-01", "group")
    rows = desk.ledger.report("core.group_rollup", group="G", basis="report").rows
    assert [(r[2], r[3], r[5]) for r in rows] == [("O1", 100, 200), ("O2", 100, 200)]


@pytest.mark.rule("CORE-14")
def test_a_reversed_receipt_and_one_outside_the_days_do_not_count(family: tuple[Desk, str]) -> None:
    desk, _ = family
    pay(desk, "P1", "d", 50, "2025-04-10")
    assert total(desk) == 400
    desk.on("2025-04-11").tell(ReverseReceipt(receipt="a", reason="returned"), who="P1")
    assert total(desk) == 300


@pytest.mark.rule("CORE-14")
def test_an_absorbed_member_counts_as_its_survivor(family: tuple[Desk, str]) -> None:
    desk, _ = family
    desk.open("P3", on="2025-01-01")
    pay(desk, "P3", "e", 7, "2025-03-20")
    desk.on("2025-04-01").tell(MergeFiles(absorbed="P3"), who="P1")
    assert total(desk) == 407
