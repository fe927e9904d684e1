"""``guanxi explain``: why a value is what it is."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from rich.cells import cell_len

import guanxi
from guanxi import Command, Money, Source, Telling
from guanxi_retail import PointsRules, RecordPurchase, RedeemPoints
from tests.adapters.cli.conftest import Ran

Shop = Callable[..., Ran]
FLAT = str.split


def test_a_value_comes_with_every_entry_that_changed_it(shop: Shop) -> None:
    text = shop("explain", "C-1", "retail.points.balance", "--as-of", "2012-07-10").out
    assert "Points · balance: 1,000  retail.points.balance" in text
    assert [
        s
        for s in ("0 → 120", "120 → 1,400", "1,400 → 1,120", "1,120 → 1,080", "1,080 → 1,000")
        if s not in text
    ] == []


def test_a_step_names_rule_version_inputs_actor_and_reason(shop: Shop) -> None:
    text = " ".join(shop("explain", "C-1", "retail.points.balance").out.split())
    assert "drawn from due 280" in text
    assert "RET-19 · Points v1 · from #16" in text
    assert "zhou: till was offline" in text


def test_what_was_replaced_comes_with_what_made_it_so(shop: Shop) -> None:
    gone = " ".join(
        shop("explain", "C-1", "retail.points.expired").out.partition("What no longer counts")[2].split()
    )
    assert "#18 2012-07-01 00:00 points expired — replaced by #20" in gone
    assert "because of #19 points redeemed · recorded 2012-07-02 10:00 · zhou: till was offline" in gone
    assert "now #24:" in gone


def test_a_facet_is_explained_whole_with_its_parts_in_words(shop: Shop) -> None:
    text = shop("explain", "C-1", "retail.points", "--as-of", "2012-07-10").out
    lot = " ".join(text.partition("lots B")[2].partition("lots")[0].split())
    assert "1,000 usable" in lot
    assert "Decimal" not in text
    assert "Lot(" not in text


def test_one_lot_can_be_asked_for_by_further_dots(shop: Shop) -> None:
    text = shop("explain", "C-1", "retail.points.lots.A", "--as-of", "2012-07-10").out
    assert "pending 120 → 0 · usable 0 → 120" in text
    assert "lot B" not in text


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("retail.points.balance", "retail.points.balance"),
        ("points.balance", "retail.points.balance"),
        ("expired", "retail.points.expired"),
    ],
)
def test_the_plugin_s_name_may_be_left_out(shop: Shop, given: str, meant: str) -> None:
    assert shop("explain", "C-1", given, "--json").json()["field"] == meant


def test_a_name_that_several_fields_end_in_is_answered_with_all_of_them(shop: Shop) -> None:
    ran = shop("explain", "C-1", "balance")
    assert ran.code == 1
    assert "Accepted: retail.tiers.balance, retail.points.balance" in ran.err


def test_a_wrong_field_lists_what_there_is(shop: Shop) -> None:
    ran = shop("explain", "C-1", "retail.points.blance")
    assert ran.code == 1
    assert "retail.points: lots, active, " in ran.err
    assert ran.err.count("\n") == 1


@pytest.mark.parametrize(
    ("given", "named"),
    [("blance", ("retail.points.balance", "retail.tiers.balance", " in all)")), ("zzzz", ("core.file",))],
)
def test_of_many_fields_those_called_nearly_so_are_listed_in_few_words(
    shop: Shop, given: str, named: tuple[str, ...]
) -> None:
    ran = shop("explain", "C-1", given)
    assert ran.code == 1
    assert [n for n in named if n not in ran.err] == []
    assert len(ran.err) < 600
    assert ran.err.count("\n") == 1


def test_a_value_that_nothing_changed_says_so(shop: Shop) -> None:
    assert "No entry changed it" in shop("explain", "C-1", "retail.points.debt").out


def test_knowledge_is_cut_as_asked(shop: Shop) -> None:
    text = shop("explain", "C-1", "retail.points.expired", "--as-known", "2012-07-01").out
    assert "Points · expired: 100" in text
    assert "What no longer counts" not in text or "#18" not in text.partition("What no longer counts")[2]


def test_json_holds_steps_inputs_and_what_was_superseded(shop: Shop) -> None:
    body = shop("explain", "C-1", "retail.points.balance", "--as-of", "2012-07-10", "--json").json()
    assert body["value"] == 1000
    claw = next(s for s in body["steps"] if s["entry"]["rule"] == "RET-19")
    assert claw["inputs"]["due"] == 280
    assert (claw["before"], claw["after"]) == (1400, 1120)
    assert any(e["status"] == "replaced" for e in body["superseded"])


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("columns", [80, 120])
def test_no_line_is_wider_than_the_screen(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, language: str, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    for field in ("retail.points", "retail.points.balance", "core.file"):
        text = shop("explain", "C-1", field, "--lang", language).out
        assert max(cell_len(line) for line in text.splitlines()) <= columns


def test_chinese_is_spoken_throughout(shop: Shop) -> None:
    text = shop("explain", "C-1", "retail.points.balance", "--lang", "zh").out
    assert "积分 · 余额：0" in text
    assert "由来" in text
    assert "积分中不再计入的记录" in text
    assert "依据：应扣 280" in text


# What stands behind


def flat(ran: Ran) -> str:
    return " ".join(ran.out.split())


def test_a_decision_leads_by_its_moment_and_its_causes_to_the_first_fact_and_what_was_corrected_in_it(
    shop: Shop,
) -> None:
    text = flat(shop("explain", "C-1", "retail.points.expired"))
    chain = (
        "← 2012-07-01 00:00 the lot's last day was over · lot A",
        "← #22 points earned, 2012-01-30 10:00 · RET-15 · Points v1 under Points v1: points per unit of money 1 points",
        "months until expiry 5 months ← #2 purchase, 2012-01-30 10:00 · wang: till 3 · corrected by #21",
        "← #21 entry corrected, 2012-07-05 10:00 · #2 purchase · paid 100.00 CNY → 120.00 CNY · li: the receipt says 120",
    )
    places = [text.find(part) for part in chain]
    assert -1 not in places
    assert places == sorted(places)
    assert "in place of #20, because of #21 entry corrected" in text


def test_what_is_pending_is_told_with_its_moment(shop: Shop) -> None:
    text = flat(shop("explain", "C-1", "retail.points.expired", "--lang", "zh"))
    assert "已到期，尚未写入" in text
    assert "← 2012-07-15 00:00 批次最后可用日已过 · 批次 B" in text
    assert "@retail" not in text


def test_a_chain_that_was_told_before_is_told_in_a_few_words(shop: Shop) -> None:
    text = flat(shop("explain", "C-1", "retail.points.balance"))
    assert text.count("wang: till 3") == 2  # a lot and the further one behind it
    assert "← #22 points earned ← #2 purchase" in text


def test_the_rule_set_is_shown_with_the_values_looked_at_and_who_approved_it(shop: Shop) -> None:
    text = flat(shop("explain", "C-1", "retail.points.balance"))
    assert "under Points v1: claw-back policy unlimited RET-19" in text
    assert (
        "Points v1 in force from 2012-01-01 08:00 · published 2012-01-01 08:00 · drafted by chen, approved by zhao"
        in text
    )


def test_json_holds_causes_moments_rule_sets_and_triggers(shop: Shop) -> None:
    body = shop("explain", "C-1", "retail.points", "--json").json()
    expired = next(s for s in body["steps"] if s["entry"]["name"] == "retail.points_expired")
    assert expired["entry"]["due"]["name"] == "retail.lot_lapses"
    assert expired["entry"]["due"]["fields"] == {"lot": "A"}
    assert [x["name"] for x in expired["because"]] == ["retail.points_earned", "retail.purchase_recorded"]
    assert [t["kind"] for t in expired["triggers"]] == ["correction"]
    (used,) = next(s for s in body["steps"] if s["entry"]["rule"] == "RET-19")["rules"]
    assert used["parameters"] == {"clawback": "unlimited"}
    assert (used["publication"]["by"], used["publication"]["approved_by"]) == ("chen", "zhao")
    gone = next(x for x in body["superseded"] if x["status"] == "withdrawn")
    assert (gone["triggers"][0]["kind"], gone["triggers"][0]["entry"]["reason"]) == ("void", "entered twice")
    assert gone["by"]["name"] == "core.decision_withdrawn"


# What is called how


def test_whatever_a_difference_names_is_explained_by_that_name(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    for language in ("en", "zh"):
        difference = shop("history", "C-1", "--diff", "2012-01-15", "2012-07-10", "--lang", language).out
        rows = difference.partition("─\n")[2].partition("\n\n")[0].splitlines()
        words = [row.partition("  ")[0] for row in rows if not row.startswith(" ")]
        assert len(words) > 10
        failed = [w for w in words if shop("explain", "C-1", w, "--lang", language).code]
        assert failed == []
    body = shop("history", "C-1", "--diff", "2012-01-15", "2012-07-10", "--json").json()
    fields = [c["field"] for c in body["changes"]]
    assert [f for f in fields if shop("explain", "C-1", f, "--json").json()["field"] != f] == []


def test_a_name_in_words_of_the_other_language_means_the_same(shop: Shop) -> None:
    said = shop("explain", "C-1", "积分 · 批次 · A · 可用", "--json").json()
    assert said["field"] == "retail.points.lots.A.active"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("balnce", "perhaps balance"),
        ("retail.points.balence", "perhaps retail.points.balance"),
        ("retail.points.lots.Z", "retail.points.lots has no Z. Accepted: A, B"),
    ],
)
def test_a_misspelt_field_is_answered_with_what_is_nearly_the_same(shop: Shop, given: str, said: str) -> None:
    ran = shop("explain", "C-1", given)
    assert (ran.code, said in ran.err) == (1, True)


@pytest.mark.parametrize("given", ["C1", "c-1", "C-11", "C-2-", "C-1 "])
@pytest.mark.parametrize("command", ["explain", "history"])
def test_a_misspelt_customer_is_answered_with_who_is_called_nearly_so(
    shop: Shop, command: str, given: str
) -> None:
    ran = shop(command, given, *(["balance"] if command == "explain" else []))
    assert ran.code == 1
    assert "perhaps C-" in ran.err


def test_a_customer_like_no_other_is_simply_unknown(shop: Shop) -> None:
    ran = shop("explain", "somebody else", "balance")
    assert (ran.code, "perhaps" in ran.err) == (1, False)


def test_a_publication_is_told_with_its_own_recording_and_its_approver_and_another_fact_beside_it(
    shop: Shop, db: str
) -> None:
    ledger = guanxi.open(db)
    ledger.clock = lambda: datetime(2012, 7, 6, 2, tzinfo=UTC)
    ledger.publish(
        PointsRules(months=24),
        effective_from=datetime(2012, 1, 2, tzinfo=UTC),
        by="chen",
        approved_by="zhao",
        retroactive="promised",
    )
    ledger.clock = lambda: datetime(2012, 7, 8, 2, tzinfo=UTC)
    ledger.advance()
    ledger.close()
    text = flat(shop("explain", "C-1", "retail.points"))
    assert "recorded 2012-07-06 10:00 · drafted by chen, approved by zhao" in text.partition("longer")[2]
    assert "published 2012-07-06 10:00" in text.partition("Rule sets named above")[2]


def batch(db: str, *told: Command) -> None:
    """Take in what happened before the last lot lapsed, after that was written down."""
    ledger = guanxi.open(db)
    ledger.clock = lambda: datetime(2012, 7, 16, 2, tzinfo=UTC)
    ledger.advance()
    ledger.take_in(
        [
            Telling(
                subject="C-1",
                command=each,
                actor="importer",
                reason="night",
                occurred_at=datetime(2012, 7, 9, tzinfo=UTC),
                source=Source("till", str(n)),
                batch="B-1",
                happened=True,
            )
            for n, each in enumerate(told)
        ]
    )
    ledger.close()


def test_a_fact_that_came_along_is_not_named_as_cause(shop: Shop, db: str) -> None:
    batch(
        db,
        RecordPurchase(receipt="N", paid=Money("7", "CNY")),
        RedeemPoints(redemption="Y", points=40),
    )
    text = flat(shop("explain", "C-1", "retail.points.expired"))
    assert re.search(r"because of #\d+ points redeemed · recorded 2012-07-16", text)
    assert not re.search(r"because of #\d+ purchase", text)


def test_where_either_fact_would_have_done_they_are_said_to_be_learned_together(shop: Shop, db: str) -> None:
    batch(db, RedeemPoints(redemption="Y", points=5000), RedeemPoints(redemption="Z", points=5000))
    text = flat(shop("explain", "C-1", "retail.points.expired"))
    assert len(re.findall(r"learned together with #\d+ points redeemed · recorded 2012-07-16", text)) == 2
    assert "一并获知" in shop("explain", "C-1", "retail.points.expired", "--lang", "zh").out
