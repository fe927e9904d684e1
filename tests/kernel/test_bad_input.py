"""What nobody should enter: each is refused with its class, its code, a text in both languages and what would do, and leaves nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

import guanxi
from guanxi import (
    CloseRelationship,
    Command,
    Conflict,
    Incomplete,
    Invalid,
    Money,
    OpenFile,
    RecordIdentifier,
    RecordProfileFact,
    Refusal,
    RuleNotMet,
    Source,
    Telling,
    Unknown,
    command,
)
from guanxi_retail import PointsRules, RecordPurchase, RedeemPoints, RefundPurchase, UndoRedemption
from guanxi_retail.purchases.purchases import Purchases
from tests.kernel.desks import Desk, moment

WRONG_PRC_ID = "110105194912310021"
ZONELESS = datetime(2025, 6, 2)  # noqa: DTZ001 - what nobody should enter


@command("elsewhere.dance")
class Dance(Command):
    """A command of a plugin that is not installed."""


@pytest.fixture(scope="module")
def told() -> Iterator[Desk]:
    """A customer with a purchase A of 100.00 under a command id, and B under a source reference; refusals leave it as it is."""
    with Desk().open() as desk:
        desk.buy("A", "100.00", command_id="K-1")
        desk.buy("B", "50.00", "2025-05-31", source=Source("till", "7"))
        desk.ledger.void(desk.buy("V").entries[0].id, actor="clerk", reason="never happened")
        yield desk


def cny(amount: Any) -> Money:
    return Money(amount, "CNY")


def buy(**fields: Any) -> RecordPurchase:
    return RecordPurchase(**{"receipt": "N", "paid": cny(1), **fields})


Deed = Callable[[Desk], object]
# fmt: off
TABLE: list[tuple[str, Deed, type[Refusal], str]] = [
    # names and references
    ("a customer nobody opened", lambda d: d.buy("N", who="C-9"), Unknown, "unknown_relationship"),
    ("the history of nobody", lambda d: d.ledger.history("C-9"), Unknown, "unknown_relationship"),
    ("an account number twice", lambda d: d.tell(OpenFile()), Conflict, "identifier_taken"),
    ("a receipt twice", lambda d: d.buy("A"), Conflict, "source_conflict"),
    ("a refund of nothing", lambda d: d.tell(RefundPurchase(refund="F", receipt="?", paid=cny(1))), Unknown, "unknown_receipt"),
    ("an unknown redemption undone", lambda d: d.tell(UndoRedemption(redemption="?")), Unknown, "unknown_redemption"),
    ("a command id with other content", lambda d: d.buy("N", command_id="K-1"), Conflict, "command_conflict"),
    ("a command id for another customer", lambda d: d.tell(OpenFile(), who="C-9", command_id="K-1"), Conflict, "command_conflict"),
    ("a source reference with other content", lambda d: d.buy("B", 51, "2025-05-31", source=Source("till", "7")), Conflict, "source_conflict"),
    ("a source reference with another day", lambda d: d.buy("B", 50, "2025-05-30", source=Source("till", "7")), Conflict, "source_conflict"),
    ("a command of an absent plugin", lambda d: d.tell(Dance()), Unknown, "unknown_command"),
    ("no command at all", lambda d: d.tell("buy"), Invalid, "not_a_command"),
    ("an unknown report", lambda d: d.ledger.report("retail.nothing"), Unknown, "unknown_report"),
    ("a report's unknown parameter", lambda d: d.ledger.report("core.files", colour="red"), Invalid, "unknown_field"),
    ("an unknown field explained", lambda d: d.ledger.history("C-1").explain("core.file.shoe_size"), Unknown, "unknown_field"),
    ("an unknown facet", lambda d: d.ledger.history("C-1").state("core.shoes"), Unknown, "unknown_facet"),
    ("an entry that does not exist", lambda d: d.ledger.void(f"{d.stream()}/999", actor="c", reason="r"), Unknown, "unknown_entry"),
    ("an entry of no stream", lambda d: d.ledger.void("nowhere", actor="c", reason="r"), Unknown, "unknown_entry"),
    ("a correction of an unknown field", lambda d: correct(d, {"shoe_size": 42}), Invalid, "unknown_field"),
    ("an account number that is no text", lambda d: d.tell(OpenFile(), who=None), Invalid, "out_of_scale"),
    # amounts
    ("more refunded than was paid", lambda d: d.tell(RefundPurchase(refund="F", receipt="A", paid=cny("100.01"))), RuleNotMet, "exceeds_original"),
    ("a float", lambda d: d.buy("N", 1.5), Invalid, "inexact_amount"),
    ("NaN", lambda d: d.buy("N", "NaN"), Invalid, "inexact_amount"),
    ("a signalling NaN", lambda d: d.buy("N", Decimal("sNaN")), Invalid, "inexact_amount"),
    ("infinity", lambda d: d.buy("N", "-Infinity"), Invalid, "inexact_amount"),
    ("a truth value", lambda d: d.buy("N", True), Invalid, "inexact_amount"),
    ("no number", lambda d: d.buy("N", "ten"), Invalid, "inexact_amount"),
    ("a number with underscores", lambda d: d.buy("N", "1_000"), Invalid, "inexact_amount"),
    ("three decimals", lambda d: d.buy("N", "1.234"), Invalid, "inexact_amount"),
    ("a decimal of yen", lambda d: d.tell(buy(paid=Money("1.5", "JPY"))), Invalid, "inexact_amount"),
    ("a sum that no till has seen", lambda d: d.buy("N", "1E+30"), Invalid, "out_of_scale"),
    ("no currency", lambda d: d.tell(buy(paid=Money(1, ""))), Invalid, "unit_missing"),
    ("a currency in small letters", lambda d: d.tell(buy(paid=Money(1, "cny"))), Invalid, "unit_missing"),
    ("a bare number for money", lambda d: d.tell(buy(paid=100)), Invalid, "unit_missing"),
    ("another currency than before", lambda d: d.tell(buy(paid=Money(1, "USD"))), Invalid, "unit_mismatch"),
    ("a negative amount", lambda d: d.buy("N", "-1"), Invalid, "amount_sign"),
    ("a negative refund", lambda d: d.tell(RefundPurchase(refund="F", receipt="A", paid=cny(-1))), Invalid, "amount_sign"),
    ("no points redeemed", lambda d: d.tell(RedeemPoints(redemption="X", points=0)), Invalid, "amount_sign"),
    ("half a point", lambda d: d.tell(RedeemPoints(redemption="X", points=0.5)), Invalid, "amount_sign"),
    ("more points than there are", lambda d: d.tell(RedeemPoints(redemption="X", points=10 ** 6)), RuleNotMet, "insufficient_points"),
    ("more pieces than there are", lambda d: d.tell(buy(quantity=10 ** 25)), Invalid, "out_of_scale"),
    ("a corrected amount that is no number", lambda d: correct(d, {"paid": {"amount": "NaN", "currency": "CNY"}}), Invalid, "inexact_amount"),
    ("a corrected amount with three decimals", lambda d: correct(d, {"paid": {"amount": "1.234", "currency": "CNY"}}), Invalid, "inexact_amount"),
    ("a corrected amount without its currency", lambda d: correct(d, {"paid": 5}), Invalid, "out_of_scale"),
    # times
    ("a moment without a zone", lambda d: d.ledger.execute("C-1", buy(), actor="c", occurred_at=ZONELESS), Invalid, "naive_datetime"),
    ("a later moment without a zone", lambda d: d.ledger.execute("C-1", buy(), actor="c", effective_from=ZONELESS), Invalid, "naive_datetime"),
    ("a cut without a zone", lambda d: d.ledger.history("C-1").as_of(ZONELESS), Invalid, "naive_datetime"),
    ("31 September", lambda d: d.ledger.history("C-1").as_of("2025-09-31"), Invalid, "invalid_date"),
    ("the 25th hour", lambda d: d.ledger.history("C-1").as_known("2025-09-30T25:00"), Invalid, "invalid_date"),
    ("no date", lambda d: d.ledger.report("core.files", as_of="yesterday"), Invalid, "invalid_date"),
    ("an empty cut", lambda d: d.ledger.report("core.files", as_known=""), Invalid, "invalid_date"),
    ("before the calendar begins", lambda d: d.tell(buy(), "0001-01-01T00:00", reason="r"), Invalid, "invalid_date"),
    ("ten minutes ahead", lambda d: d.ledger.execute("C-1", buy(), actor="c", occurred_at=d.now + timedelta(minutes=10)), Invalid, "future_dated"),
    ("late without a reason", lambda d: d.tell(buy(), "2025-05-28"), Incomplete, "late_entry_needs_reason"),
    ("back-dated without a reason", lambda d: d.tell(buy(), effective_from=moment("2025-05-01")), Incomplete, "late_entry_needs_reason"),
    ("before the file was opened", lambda d: d.tell(buy(), "2019-12-31", reason="r"), RuleNotMet, "file_not_open"),
    ("corrected days that do not exist", lambda d: correct(d, {"quantity": 2}, days=("2025-02-30", "2025-03-01")), Invalid, "invalid_date"),
    # what has to be said
    ("nobody who enters", lambda d: d.tell(buy(), actor=""), Incomplete, "actor_missing"),
    ("a blank receipt", lambda d: d.buy("  "), Invalid, "blank"),
    ("a blank name", lambda d: d.tell(OpenFile(name=" "), who="C-9"), Invalid, "blank"),
    ("a correction without a reason", lambda d: correct(d, {"quantity": 2}, reason=""), Incomplete, "reason_missing"),
    ("a void without a reason", lambda d: d.ledger.void(f"{d.stream()}/2", actor="c", reason=""), Incomplete, "reason_missing"),
    ("closing without a reason", lambda d: d.tell(CloseRelationship()), Incomplete, "reason_missing"),
    # what may be said
    ("a kind of party nobody knows", lambda d: d.tell(OpenFile(party="robot"), who="C-9"), Unknown, "unknown_code"),
    ("an exit nobody knows", lambda d: d.tell(CloseRelationship(reason_code="boredom")), Unknown, "unknown_code"),
    ("a kind of identifier nobody could know", lambda d: d.tell(RecordIdentifier(scheme="Прописка", value="1")), Unknown, "unknown_code"),
    ("a wrong check digit", lambda d: d.tell(RecordIdentifier(scheme="prc_id", value=WRONG_PRC_ID)), Invalid, "invalid_identifier"),
    ("a number where text belongs", lambda d: d.tell(RecordProfileFact(field_name="x", value=5)), Invalid, "out_of_scale"),
    ("a number where a name belongs", lambda d: d.tell(OpenFile(name="x", opened_by=7), who="C-9"), Invalid, "out_of_scale"),
    ("text where a list belongs", lambda d: d.tell(buy(conditions=(1, 2))), Invalid, "out_of_scale"),
    ("a NUL character", lambda d: d.buy('N\x00N'), Invalid, "unstorable_value"),
    ("rules that are none", lambda d: publish(d, PointsRules(clawback="nonsense")), Invalid, "out_of_scale"),
    ("rules for yesterday", lambda d: publish(d, PointsRules(), on="2025-05-31"), RuleNotMet, "retroactive_rule"),
]
# fmt: on


def correct(desk: Desk, fields: dict[str, Any], *, reason: str = "r", **keywords: Any) -> object:
    return desk.ledger.correct(f"{desk.stream()}/2", fields, actor="c", reason=reason, **keywords)


def publish(desk: Desk, rules: PointsRules, on: str = "2025-06-01") -> object:
    return desk.ledger.publish(rules, effective_from=moment(on), by="a", approved_by="b")


@pytest.mark.parametrize(("deed", "outcome", "code"), [pytest.param(*row, id=name) for name, *row in TABLE])
def test_bad_input_is_refused_by_name_and_leaves_nothing(
    told: Desk, deed: Deed, outcome: type[Refusal], code: str
) -> None:
    before, rows = told.count(), told.ledger.store.fold_rows(told.stream())
    with pytest.raises(Refusal) as caught:
        deed(told)
    refusal = caught.value
    assert (type(refusal), refusal.code) == (outcome, code)
    assert refusal.message
    assert told.count() == before
    assert told.ledger.store.fold_rows(told.stream()) == rows


@pytest.mark.parametrize("deed", [pytest.param(row[1], id=row[0]) for row in TABLE])
def test_a_refusal_speaks_both_languages_and_says_what_would_do(told: Desk, deed: Deed) -> None:
    with pytest.raises(Refusal) as caught:
        deed(told)
    refusal = caught.value
    assert not refusal.zh.isascii(), f"{refusal.code} has no Chinese text"
    assert refusal.accepts, f"{refusal.code} does not say what would be accepted"
    for lang in ("en", "zh"):
        assert refusal.describe(lang).startswith(refusal.code + ": ")


# fmt: off
REFUSED_TOO: list[tuple[str, Deed]] = [
    ("a blank actor", lambda d: d.tell(buy(), actor="  ")),
    ("a late entry with a blank reason", lambda d: d.tell(buy(), "2025-05-20", reason="  ")),
    ("a correction by nobody", lambda d: d.ledger.correct(f"{d.stream()}/2", {"outlet": "y"}, actor="", reason="r")),
    ("a correction to a negative amount", lambda d: correct(d, {"paid": cny(-5)})),
    ("a correction of nothing", lambda d: correct(d, {})),
    ("an account without a number", lambda d: d.tell(OpenFile(), who=" ")),
    ("an actor that is no text", lambda d: d.tell(buy(), actor=5)),
    ("a precision nobody knows", lambda d: d.tell(buy(), precision="week")),
    ("half of a character pair", lambda d: d.buy('\ud800')),
    ("rules from a moment without a zone", lambda d: d.ledger.publish(PointsRules(), effective_from=ZONELESS, by="a", approved_by="b")),
    ("advancing to a moment without a zone", lambda d: d.ledger.advance(ZONELESS)),
    ("from the end of the calendar on", lambda d: d.tell(buy(), effective_from=datetime.max.replace(tzinfo=moment("2025-06-01").tzinfo))),
]
# fmt: on


@pytest.mark.parametrize("deed", [pytest.param(deed, id=name) for name, deed in REFUSED_TOO])
def test_what_is_refused_too_leaves_nothing(deed: Deed) -> None:
    with Desk().open() as desk:
        desk.buy("A")
        before = desk.count()
        with pytest.raises(Refusal):
            deed(desk)
        assert desk.count() == before


def test_what_already_happened_before_the_file_was_opened_is_kept_and_flagged() -> None:
    with Desk().open() as desk:
        outcome = desk.buy("A", on="2019-12-31", reason="found", happened=True)
        names = [e.stored_name for e in outcome.events]
        assert names[0] == "retail.purchase_recorded"
        assert "core.breach_recorded" in names
        flags = [
            line.fields for line in desk.ledger.history("C-1").lines() if line.name == "core.breach_recorded"
        ]
        assert flags == [{"rule": "CORE-08", "code": "file_not_open"}]
        assert desk.ledger.history("C-1").state(Purchases).count == 1


def test_one_bad_line_of_many_is_refused_alone() -> None:
    with Desk().open() as desk:
        lines = [
            Telling(
                subject="C-1",
                command=buy(receipt=str(n)),
                actor="i",
                occurred_at=moment(f"2025-05-{day}"),
                source=Source("s", str(n)),
                batch="b",
            )
            for n, day in enumerate(("01", "02", "03"))
        ]
        lines[1] = Telling(
            subject="C-1",
            command=Dance(),
            actor="i",
            occurred_at=moment("2025-05-02"),
            source=Source("s", "1"),
            batch="b",
        )
        verdicts = desk.ledger.take_in(lines)
        assert [(v.status, v.refusal.code if v.refusal else "") for v in verdicts] == [
            ("accepted", ""),
            ("refused", "unknown_command"),
            ("accepted", ""),
        ]
        assert desk.ledger.history("C-1").state(Purchases).count == 2


def test_one_line_of_many_with_a_value_of_the_wrong_type_is_refused_alone() -> None:
    with Desk().open() as desk:
        commands = [buy(receipt="1"), buy(receipt="2", area=5)]
        lines = [
            Telling(
                subject="C-1",
                command=c,
                actor="i",
                occurred_at=moment("2025-05-01"),
                source=Source("s", c.receipt),
                batch="b",
            )
            for c in commands
        ]
        assert [v.status for v in desk.ledger.take_in(lines)] == ["accepted", "refused"]


def test_read_models_survive_whatever_was_accepted() -> None:
    with Desk().open() as desk:
        desk.buy("A", "999999999999999.99")
        desk.buy("B", "999999999999999.99")
        desk.tell(buy(receipt="~s1.x.y" + "长" * 2_000, quantity=10**15 - 1))
        assert desk.ledger.report("retail.customers").rows
        assert desk.ledger.history("C-1").lines()


@pytest.mark.parametrize("name", ["rules"])
def test_an_account_number_never_leads_into_a_stream_that_is_no_customers(name: str) -> None:
    with Desk() as desk:
        publish(desk, PointsRules())
        before = desk.ledger.store.entries("rules")
        with suppress(Refusal):
            desk.tell(OpenFile(), who=name)
        assert desk.ledger.store.entries("rules") == before


def test_every_outcome_of_the_vocabulary_has_its_class() -> None:
    outcomes = {cls.outcome for cls in Refusal.__subclasses__() if cls.__module__ == Refusal.__module__}
    assert outcomes == {
        "invalid",
        "unknown",
        "conflict",
        "rule not met",
        "not permitted",
        "incomplete",
        "held",
        "parked",
    }
    assert guanxi.Refusal is Refusal
