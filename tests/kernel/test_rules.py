"""Rule sets: bounds that can be shown and checked; publishing, superseding and withdrawing; what was known when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import pytest

from guanxi import (
    ClockRules,
    Conflict,
    Due,
    Facet,
    Fact,
    Incomplete,
    Invalid,
    Label,
    NotPermitted,
    Now,
    Parts,
    PluginError,
    RuleNotMet,
    RuleSet,
    Unknown,
    command,
    due,
    event,
    parameter,
    rule_set,
)
from guanxi.kernel.messages import REVISE, Command, Decision, key
from guanxi.kernel.rules import Bounds, RuleBook, declared, rule_set_from, schedule
from guanxi.kernel.times import stamp
from guanxi_retail import PointsRules, RecordPurchase
from guanxi_retail.analysis.rules import LapseRules, RfmRules
from guanxi_retail.points.points import Points
from tests.kernel.desks import CUSTOMER, Desk, moment

Shade = Literal["light", "dark"]


@rule_set("t.limits", Label("Limits", "限额"))
class Limits(RuleSet):
    share: Decimal = parameter(
        Decimal("0.5"), label=Label("share", "占比"), unit=Label("parts", "份"), minimum=0, below=1
    )
    days: int | None = parameter(None, label=Label("days", "天数"), unit="days", above=0)
    steps: tuple[int, ...] = parameter((3, 2), maximum=9)
    rates: dict[str, Decimal] = parameter(factory=dict, minimum=Decimal(0))
    grade: str = parameter("A", choices=("A", "B"), ours=True)
    shade: Shade = parameter("light")


@pytest.fixture
def till() -> Iterator[Desk]:
    """A customer of 2020 at a till, in January 2024."""
    with Desk(now="2024-01-01").open() as d:
        yield d


def publish(desk: Desk, rules: RuleSet, on: str, **more: Any) -> int:
    return desk.ledger.publish(
        rules, effective_from=moment(on), **{"by": "chen", "approved_by": "zhao", **more}
    )


# Types and names


@pytest.mark.parametrize(
    ("values", "said", "chinese"),
    [
        (
            {"share": 0.25},
            "t.limits.share (share) is 0.25 (float), and it is to be an exact number",
            "精确数",
        ),
        (
            {"days": 1.5},
            "t.limits.days (days) is 1.5 (float), and it is to be a whole number or none",
            "t.limits.days（天数）为 1.5 (float)，应为：整数或无",
        ),
        ({"days": True}, "is True (bool), and it is to be a whole number or none", "整数或无"),
        ({"steps": [3]}, "is [3] (list), and it is to be a tuple of a whole number", "每项为整数"),
        ({"rates": {"a": 0.5}}, "a mapping to an exact number", "值为精确数"),
        ({"grade": None}, "is None, and it is to be text", "应为：文本"),
    ],
)
def test_a_value_of_another_type_is_refused_naming_rule_set_parameter_and_type_in_both_languages(
    values: dict[str, Any], said: str, chinese: str
) -> None:
    with pytest.raises(Invalid) as refused:
        Limits(**values)
    assert refused.value.code == "out_of_scale"
    assert said in refused.value.message
    assert chinese in refused.value.zh
    if "steps" in values:  # what is read from a file has no tuples
        return
    with pytest.raises(Invalid) as read:
        rule_set_from(Limits, values)
    assert (read.value.message, read.value.zh) == (refused.value.message, refused.value.zh)


def test_a_name_that_no_parameter_has_is_refused_with_the_nearest() -> None:
    for make in (lambda: Limits(sharr=1), lambda: rule_set_from(Limits, {"sharr": 1})):  # type: ignore[call-arg]
        with pytest.raises(Invalid) as refused:
            make()
        assert refused.value.code == "unknown_field"
        assert refused.value.message == "t.limits has no parameter sharr"
        assert refused.value.zh == "规则集 t.limits 没有参数 sharr"
        assert refused.value.accepts.startswith("share? There are: share, days")


def test_a_whole_number_is_an_exact_number_too() -> None:
    assert Limits(share=0).share == 0  # type: ignore[arg-type]
    assert rule_set_from(Limits, {"share": "0.25", "steps": [1, 2]}) == Limits(
        share=Decimal("0.25"), steps=(1, 2)
    )


# Bounds


@pytest.mark.parametrize(
    ("values", "said", "chinese"),
    [
        (
            {"share": Decimal("-0.1")},
            "t.limits.share (share) is -0.1, and it is to be at least 0, below 1",
            "不小于 0，小于 1",
        ),
        ({"share": Decimal(1)}, "at least 0, below 1", "小于 1"),
        (
            {"days": 0},
            "t.limits.days (days) is 0, and it is to be above 0",
            "t.limits.days（天数）为 0，应为：大于 0",
        ),
        ({"steps": (3, 10)}, "t.limits.steps (steps) is 10, and it is to be at most 9", "不大于 9"),
        ({"rates": {"a": Decimal(1), "b": Decimal(-2)}}, "is -2, and it is to be at least 0", "不小于 0"),
        ({"grade": "C"}, "is C, and it is to be one of A, B", "A、B 之一"),
        ({"shade": "pink"}, "is pink, and it is to be one of light, dark", "light、dark 之一"),
        ({"rates": {"a": Decimal("Infinity")}}, "is Infinity", "Infinity"),
        (
            {"share": "much"},
            "is 'much' (str), and it is to be an exact number",
            "为 'much' (str)，应为：精确数",
        ),
        ({"share": Decimal("NaN")}, "is NaN", "NaN"),
    ],
)
def test_a_value_out_of_bounds_is_refused_naming_rule_set_parameter_value_and_bound_in_both_languages(
    values: dict[str, Any], said: str, chinese: str
) -> None:
    with pytest.raises(Invalid) as refused:
        Limits(**values)
    assert refused.value.code == "out_of_scale"
    assert said in refused.value.message
    assert chinese in refused.value.zh


def test_what_lies_on_an_inclusive_bound_or_is_none_is_taken() -> None:
    assert Limits(share=Decimal(0), days=None, steps=(9,)).share == 0
    assert Limits(days=1).days == 1


def test_bounds_are_checked_when_data_is_read_too() -> None:
    with pytest.raises(Invalid, match="at most 9"):
        rule_set_from(Limits, {"steps": [10]})


def test_a_default_out_of_its_own_bounds_is_refused_when_the_plugin_is_loaded() -> None:
    with pytest.raises(
        PluginError, match=r"the defaults of t\.wrong are refused: t\.wrong\.days \(days\) is -1"
    ):

        @rule_set("t.wrong")
        class Wrong(RuleSet):
            days: int = parameter(-1, minimum=0)


def test_what_was_declared_can_be_shown() -> None:
    share, days, *_, grade, shade = declared(Limits)
    assert (share.label.zh, share.unit("zh"), share.bounds.say("en")) == ("占比", "份", "at least 0, below 1")
    assert (days.unit("zh"), days.optional, days.default) == ("days", True, None)
    assert (grade.ours, shade.bounds) == (True, Bounds(choices=("light", "dark")))
    assert not share.optional


@pytest.mark.parametrize(
    ("build", "allowed"),
    [
        (lambda: PointsRules(rate=Decimal(-1)), "at least 0"),
        (lambda: PointsRules(multipliers={"books": Decimal(-1)}), "at least 0"),
        (lambda: PointsRules(months=0), "at least 1"),
        (lambda: PointsRules(clawback="never"), "one of only_pending, within_balance, unlimited"),
        (lambda: RfmRules(groups=10), "at least 2, at most 9"),
        (lambda: LapseRules(interval_multiple=Decimal(0)), "above 0"),
        (lambda: LapseRules(alive_below=Decimal("1.1")), "at least 0, at most 1"),
        (lambda: ClockRules(late_after_days=-1), "at least 0"),
    ],
)
def test_the_bounds_of_retail_and_of_the_clocks_hold(build: Any, allowed: str) -> None:
    with pytest.raises(Invalid, match="out_of_scale") as refused:
        build()
    assert refused.value.accepts == allowed


def shop_with(rules: type[RuleSet]) -> Parts:
    return Parts(name="t", version="1", title=Label("T", "T"), rule_sets=(rules,))


@rule_set("t.days")
class Days(RuleSet):
    days: int = parameter(5)


@pytest.fixture
def published(tmp_path: Path) -> str:
    """A ledger in which thirty days were published; its URL."""
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    with Desk(url, plugins=[shop_with(Days)]) as desk:
        publish(desk, Days(days=30), "2025-06-02")
    return url


def in_force(url: str, rules: type[RuleSet]) -> tuple[Any, int]:
    """Return what is in force in another process that has another version of the plugin."""
    later = stamp(moment("2025-06-03"))
    with Desk(url, plugins=[shop_with(rules)]) as desk:
        return desk.ledger.rule_book().find(rules, later, later)


def test_a_version_outside_the_bounds_of_today_stays_readable(published: str) -> None:
    @rule_set("t.days")
    class Narrow(RuleSet):
        days: int = parameter(5, maximum=9)

    value, version = in_force(published, Narrow)
    assert (value.days, version) == (30, 1)
    with pytest.raises(Invalid, match="at most 9"):
        Narrow(days=30)


def test_a_renamed_parameter_is_read_as_the_plugin_says_and_refused_by_name_where_it_says_nothing(
    published: str,
) -> None:
    @rule_set("t.days")
    class Silent(RuleSet):
        length: int = parameter(5)

    @rule_set("t.days")
    class Renamed(RuleSet):
        length: int = parameter(5)

        @classmethod
        def upcast(cls, parameters: dict[str, Any]) -> dict[str, Any]:
            parameters["length"] = parameters.pop("days", 5)
            return parameters

    assert in_force(published, Renamed)[0].length == 30
    with pytest.raises(
        PluginError, match=r"rule_set_unreadable: rules/1 published t\.days .* no parameter days"
    ):
        in_force(published, Silent)


# Superseding


def test_a_version_for_the_same_day_takes_the_place_of_the_earlier_one_and_both_stay_with_their_signatures(
    till: Desk,
) -> None:
    publish(till, PointsRules(months=6), "2024-03-01", reason="spring")
    publish(
        till.on("2024-01-05"),
        PointsRules(months=8),
        "2024-03-01",
        by="lin",
        approved_by="wu",
        reason="misprint",
    )
    first, second = till.ledger.publications("retail.points")
    assert (first.by, first.approved_by, first.reason) == ("chen", "zhao", "spring")
    assert (second.by, second.approved_by, second.reason) == ("lin", "wu", "misprint")
    assert second.recorded_at == moment("2024-01-05")
    till.on("2024-03-02").buy("A")
    assert till.ledger.history(CUSTOMER).state(Points).lots["A"].last_day == date(2024, 11, 2)
    book = till.ledger.rule_book()
    at, early, late = (stamp(moment(x)) for x in ("2024-03-02", "2024-01-02", "2024-01-06"))
    assert book.find(PointsRules, at, early)[1] == 1
    assert book.find(PointsRules, at, late)[1] == 2
    versions = book.versions("retail.points")
    assert [(p.version, end) for p, end in schedule(versions, late)] == [(2, None)]
    assert [(p.version, end) for p, end in schedule(versions, early)] == [(1, None)]
    assert schedule([], late) == []


def test_a_version_published_for_an_earlier_day_stands_until_the_next_one_begins(till: Desk) -> None:
    publish(till, PointsRules(months=6), "2024-03-01")
    publish(till, PointsRules(months=8), "2024-02-01")
    book, known = till.ledger.rule_book(), stamp(moment("2024-01-02"))
    found = [
        book.find(PointsRules, stamp(moment(day)), known)[1]
        for day in ("2024-01-31", "2024-02-28", "2024-03-02")
    ]
    assert found == [0, 2, 1]
    assert [(p.version, end) for p, end in schedule(book.versions("retail.points"), known)] == [
        (2, stamp(moment("2024-03-01"))),
        (1, None),
    ]


# Withdrawing


def test_a_version_not_in_force_yet_is_withdrawn_from_then_on_and_was_known_before(till: Desk) -> None:
    publish(till, PointsRules(months=6), "2024-03-01")
    till.on("2024-02-01").ledger.withdraw_rules(
        "retail.points", 1, by="lin", approved_by="wu", reason="the board thought again"
    )
    book, at = till.ledger.rule_book(), stamp(moment("2024-03-02"))
    assert book.find(PointsRules, at, stamp(moment("2024-01-15")))[1] == 1
    assert book.find(PointsRules, at, stamp(moment("2024-02-02")))[1] == 0
    (told,) = till.ledger.publications("retail.points")
    assert told.withdrawn is not None
    assert (told.withdrawn.by, told.withdrawn.approved_by, told.withdrawn.reason) == (
        "lin",
        "wu",
        "the board thought again",
    )
    till.on("2024-03-02").buy("A")
    assert till.ledger.history(CUSTOMER).state(Points).lots["A"].last_day == date(2025, 3, 2)
    assert publish(till, PointsRules(months=7), "2024-04-01") == 2, "numbers are never given twice"


def test_a_book_at_a_position_knows_what_was_published_and_withdrawn_up_to_there(till: Desk) -> None:
    publish(till, PointsRules(months=6), "2024-03-01")
    published = till.ledger.store.last_position()
    till.ledger.withdraw_rules("retail.points", 1, by="lin", approved_by="wu", reason="again")
    book, late = till.ledger.rule_book(), stamp(moment("2024-03-02"))
    assert book.up_to(published - 1).find(PointsRules, late, late)[1] == 0
    assert book.up_to(published).find(PointsRules, late, late)[1] == 1
    assert book.up_to(published + 1).find(PointsRules, late, late)[1] == 0


@pytest.mark.parametrize(
    ("told", "refusal", "code"),
    [
        ({"version": 9}, Unknown, "unknown_version"),
        ({"name": "retail.nothing"}, Unknown, "unknown_rule_set"),
        ({"approved_by": ""}, Incomplete, "signature_missing"),
        ({"approved_by": "lin "}, NotPermitted, "approver_conflict"),
        ({"approved_by": " LIN"}, NotPermitted, "approver_conflict"),
        ({"reason": " "}, Incomplete, "reason_missing"),
        ({"by": ""}, Incomplete, "actor_missing"),
    ],
)
def test_a_withdrawal_is_signed_and_names_what_there_is(
    till: Desk, told: dict[str, Any], refusal: type[Exception], code: str
) -> None:
    publish(till, PointsRules(months=6), "2024-03-01")
    given = {"name": "retail.points", "version": 1, "by": "lin", "approved_by": "wu", "reason": "r", **told}
    before = till.count()
    with pytest.raises(refusal, match=code):
        till.ledger.withdraw_rules(given.pop("name"), given.pop("version"), **given)
    assert till.count() == before


def test_what_has_come_into_force_is_not_withdrawn_and_nothing_is_withdrawn_twice(till: Desk) -> None:
    publish(till, PointsRules(months=6), "2024-02-01")
    publish(till, PointsRules(months=7), "2024-03-01")
    till.on("2024-02-01")
    with pytest.raises(RuleNotMet, match="rules_in_force"):
        till.ledger.withdraw_rules("retail.points", 1, by="lin", approved_by="wu", reason="r")
    till.ledger.withdraw_rules("retail.points", 2, by="lin", approved_by="wu", reason="r")
    with pytest.raises(Conflict, match="already_withdrawn"):
        till.ledger.withdraw_rules("retail.points", 2, by="lin", approved_by="wu", reason="r")


def test_a_publication_is_not_voided_behind_the_approvers_back(till: Desk) -> None:
    publish(till, PointsRules(months=6), "2024-03-01")
    with pytest.raises(RuleNotMet, match="published_not_correctable"):
        till.ledger.void("rules/1", actor="chen", reason="never mind")
    assert till.ledger.rule_book().get("retail.points", 1) is not None


# Due moments follow


@rule_set("wait.rules")
class WaitRules(RuleSet):
    days: int | None = parameter(None, minimum=1)


@event("wait.asked")
class Asked(Fact):
    question: str


@event("wait.forgotten")
class Forgotten(Decision, late=REVISE, retroactive=REVISE):
    question: str = key()


@command("wait.ask")
class Ask(Command):
    question: str


@due("wait.over")
class Over(Due):
    question: str


class _Waiting:
    def __init__(self) -> None:
        self.forgotten: list[str] = []


waiting = Facet("wait.waiting", _Waiting)


@waiting.decide
def _ask(s: _Waiting, c: Ask, now: Now) -> Iterator[Fact]:
    yield Asked(question=c.question)


@waiting.evolve
def _forgotten(s: _Waiting, e: Forgotten) -> None:
    s.forgotten.append(e.question)


@waiting.due
def _days_pass(s: _Waiting, e: Asked, now: Now) -> Iterator[tuple[Any, Due]]:
    days = now.rules(WaitRules).days
    if days is not None:
        yield now.at + timedelta(days=days), Over(question=e.question)


@waiting.react("WAIT-1")
def _forget(s: _Waiting, d: Over, now: Now) -> Iterator[Decision]:
    if d.question not in s.forgotten:
        yield Forgotten(question=d.question)


PARTS = Parts(
    name="wait",
    version="1",
    title=Label("Waiting", "等待"),
    events=(Asked, Forgotten),
    commands=(Ask,),
    facets=(waiting,),
    rule_sets=(WaitRules,),
)


def test_a_version_that_sets_a_limit_where_there_was_none_is_followed_by_moments_that_then_fall_due() -> None:
    with Desk(now="2024-01-01", plugins=[PARTS]).open() as desk:
        desk.tell(Ask(question="why"), "2024-01-01")
        assert desk.on("2024-01-20").ledger.advance() == 0
        publish(desk, WaitRules(days=30), "2023-12-31", retroactive="agreed before")
        assert desk.on("2024-02-01").ledger.advance() == 1


def test_a_limit_published_for_the_future_reaches_open_questions_without_being_retroactive() -> None:
    with Desk(now="2024-01-01", plugins=[PARTS]).open() as desk:
        publish(desk, WaitRules(days=30), "2024-01-02")
        desk.tell(Ask(question="why"), effective_from=moment("2024-01-03"))
        publish(desk, WaitRules(days=None), "2024-01-03")
        assert desk.on("2024-03-01").ledger.advance() == 0


def test_when_a_version_is_withdrawn_the_moments_it_moved_are_reckoned_anew() -> None:
    with Desk(now="2024-01-01", plugins=[PARTS]).open() as desk:
        publish(desk, WaitRules(days=5), "2024-01-10")
        desk.tell(Ask(question="why"), effective_from=moment("2024-01-12"))
        stream = desk.stream()
        assert desk.ledger.store.heads([stream])[stream].next_due == stamp(moment("2024-01-17"))
        desk.on("2024-01-05").ledger.withdraw_rules(
            "wait.rules", 1, by="lin", approved_by="wu", reason="no limit"
        )
        assert desk.ledger.store.heads([stream])[stream].next_due is None
        publish(desk, WaitRules(days=9), "2024-01-11")
        assert desk.ledger.store.heads([stream])[stream].next_due == stamp(moment("2024-01-21")), (
            "from none again"
        )


# Publishing


def test_a_dry_publication_refuses_what_a_real_one_would_and_records_nothing(till: Desk) -> None:
    before = till.count()
    assert publish(till, PointsRules(months=6), "2024-03-01", dry=True) == 1
    with pytest.raises(RuleNotMet, match="retroactive_rule"):
        publish(till, PointsRules(months=6), "2023-12-01", dry=True)
    assert till.count() == before


def test_every_decision_names_the_version_it_was_drawn_under_and_hindsight_follows_a_retroactive_one(
    till: Desk,
) -> None:
    till.tell(RecordPurchase(receipt="A", paid=_money(100)))
    publish(till.on("2024-01-05"), PointsRules(rate=Decimal(2)), "2023-12-31", retroactive="promised")
    earned = [x for x in till.ledger.history(CUSTOMER).lines() if x.name == "retail.points_earned"]
    assert [(x.status, x.rule_sets) for x in earned] == [
        ("in force", {"retail.points": 0}),
        ("in force", {"retail.points": 1}),  # the further lot
    ]


def _money(amount: int) -> Any:
    from guanxi import Money

    return Money(amount, "CNY")


def test_a_book_for_what_if_questions_keeps_its_versions(till: Desk) -> None:
    publish(till, PointsRules(months=6), "2024-03-01")
    book: RuleBook = till.ledger.rule_book().overridden(PointsRules(months=1))
    late = stamp(moment("2024-03-02"))
    assert book.find(PointsRules, late, late) == (PointsRules(months=1), -1)
    assert book.version(PointsRules, 1)[0].months == 6
    assert book.up_to(0).find(PointsRules, late, late)[1] == -1
