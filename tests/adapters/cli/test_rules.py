"""``guanxi rules``: what is in force, what differs, publishing from a file, and taking back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from rich.cells import cell_len

import guanxi
from guanxi_adapters.files.rule_files import as_toml, load_parameters, load_rule_sets
from guanxi_retail import PointsRules
from guanxi_retail.analysis.rules import ClvRules, LapseRules, RfmRules, SpendClassRules
from tests.adapters.cli.conftest import Ran

Shop = Callable[..., Ran]
SIGNED = ("--by", "chen", "--approved-by", "zhao")
SOON = (datetime.now(UTC) + timedelta(days=40)).date().isoformat()
LATER = (datetime.now(UTC) + timedelta(days=80)).date().isoformat()


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str], str]:
    """Write a file of values and return its path."""

    def write(text: str) -> str:
        path = tmp_path / "new.toml"
        path.write_text(text, "utf-8")
        return str(path)

    return write


def publish(shop: Shop, path: str, *more: str, since: str = SOON) -> Ran:
    return shop(
        "rules", "publish", "retail.points", "--from-file", path, "--effective", since, *SIGNED, *more
    )


# Looking


def test_the_list_says_what_is_in_force_since_when_and_what_comes_next(
    shop: Shop, file: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    publish(shop, file("months = 24"))
    row = next(line for line in shop("rules", "list").out.splitlines() if line.startswith("retail.points"))
    assert row.split() == ["retail.points", "retail", "v1", "2012-01-01", "08:00", "2", "v2", SOON]
    body = {x["rule_set"]: x for x in shop("rules", "list", "--json").json()}
    assert body["retail.points"]["version"] == 1
    assert body["retail.points"]["next"]["version"] == 2
    assert body["core.clocks"] == {
        "rule_set": "core.clocks",
        "title": {"en": "Clocks and lateness", "zh": "时钟与补录"},
        "plugin": "core",
        "version": 0,
        "since": None,
        "versions": 0,
        "next": None,
    }


def test_show_says_value_unit_bounds_default_and_who_stands_behind_it(shop: Shop) -> None:
    text = " ".join(shop("rules", "show", "retail.points").out.split())
    assert "version 1 · in force from 2012-01-01 08:00" in text
    assert "drafted by chen, approved by zhao" in text
    assert "months 5 months" in text
    assert "at least 1 ·" in text
    assert "default 12 (ours)" in text
    assert "(from its source)" in text


def test_show_answers_at_a_moment_and_as_known_when(shop: Shop, file: Callable[[str], str]) -> None:
    path = file("months = 24")
    publish(shop, path)

    def version(*cut: str) -> int:
        return int(shop("rules", "show", "points", *cut, "--json").json()["version"])

    assert version() == 1
    assert version("--at", LATER) == 2
    assert version("--at", LATER, "--as-known", "2013-01-01") == 1
    assert version("--at", "2011-12-31") == 0
    assert version("--at", LATER, "--as-known", "1") == 1
    assert version("--at", LATER, "--as-known", "0") == 0


def test_an_unknown_rule_set_is_refused_with_what_is_nearly_the_same(shop: Shop) -> None:
    ran = shop("rules", "show", "retail.point")
    assert ran.code == 1
    assert "perhaps retail.points" in ran.err
    assert "core.clocks" in ran.err


def test_versions_moments_and_files_are_compared(shop: Shop, file: Callable[[str], str]) -> None:
    path = file("months = 24\nrate = 1.25\n")
    publish(shop, path)

    def changes(a: str, b: str) -> list[dict[str, object]]:
        body = shop("rules", "diff", "retail.points", a, b, "--json").json()
        found: list[dict[str, object]] = body["changes"]
        return found

    five = {"parameter": "months", "before": 12, "after": 5}
    assert changes("0", "1") == [five]
    assert changes("0", "2012-06-01") == [five]
    wanted = [
        {"parameter": "rate", "before": "1", "after": "1.25"},
        {"parameter": "months", "before": 5, "after": 24},
    ]
    assert changes("1", "2") == changes("2012-06-01", path) == wanted
    assert changes("2", LATER) == []
    text = shop("rules", "diff", "retail.points", "1", "2").out
    assert "points per unit of money" in text
    assert "1.25 points" in text
    same = shop("rules", "diff", "retail.points", "2", "2", "--lang", "zh")
    assert "没有参数不同" in same.out
    wrong = shop("rules", "diff", "retail.points", "1", "7")
    assert (wrong.code, "no version 7. Accepted: 0, 1, 2" in wrong.err) == (1, True)


# Publishing


def test_a_file_gives_only_what_changes_exactly_and_the_difference_is_shown_first(
    shop: Shop, db: str, file: Callable[[str], str]
) -> None:
    ran = publish(shop, file('rate = 1.10\nmonths = "none"\n'), "--reason", "no end any more")
    assert ran.code == 0
    text = " ".join(ran.out.split())
    assert text.index("months until expiry 5 months none") < text.index("Published as version 2")
    with guanxi_at(db) as ledger:
        told = ledger.publications("retail.points")[-1]
    assert told.value == PointsRules(rate=Decimal("1.10"), months=None)
    assert str(told.value.rate) == "1.10"  # type: ignore[attr-defined]
    assert (told.by, told.approved_by, told.reason) == ("chen", "zhao", "no end any more")
    assert told.effective_from.isoformat() == f"{SOON}T00:00:00+08:00"


def test_with_whole_what_the_file_leaves_out_goes_back_to_its_default(
    shop: Shop, file: Callable[[str], str]
) -> None:
    body = publish(shop, file("rate = 2"), "--whole", "--json").json()
    assert [c["parameter"] for c in body["changes"]] == ["rate", "months"]


def test_it_is_compared_with_what_will_be_in_force_then(shop: Shop, file: Callable[[str], str]) -> None:
    publish(shop, file("months = 24"))
    body = publish(shop, file("rate = 2"), "--json", since=LATER).json()
    assert (body["compared_with"], body["version"]) == (2, 3)
    assert [c["parameter"] for c in body["changes"]] == ["rate"]


def test_a_dry_run_checks_everything_and_publishes_nothing(shop: Shop, file: Callable[[str], str]) -> None:
    path = file("months = 24")
    dry = publish(shop, path, "--dry-run")
    assert (dry.code, "Nothing was published; it would be version 2" in dry.out) == (0, True)
    assert publish(shop, path, "--dry-run", since="2012-01-02").code == 1
    assert publish(shop, path, "--dry-run", "--json").json()["published"] is False
    assert shop("rules", "show", "points", "--json").json()["versions"][-1]["version"] == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "monts = 24",
            "retail.points has no parameter monts. Accepted: months? There are: rate, multipliers",
        ),
        (
            "months = 0",
            "retail.points.months (months until expiry) is 0, and it is to be at least 1",
        ),
        (
            "months = 2.5",
            "retail.points.months (months until expiry) is 2.5 (Decimal), and it is to be a whole number or none",
        ),
        ("months = '24'", "is '24' (str), and it is to be a whole number or none"),
        ("['retail.rfm']\nwindow = 3", "is not about retail.points alone: it gives retail.rfm"),
        ("['retail.points']\nmonths = 24\n['retail.rfm']\n", "alone: it gives retail.rfm"),
        ("rate = 2\n['retail.points']\nmonths = 24", "alone: it gives rate"),
        ("months = 5", "nothing_changed"),
        ("rate = inf", "it is to be at least 0"),
        ("clawback = 'none'", "is none, and it is to be one of only_pending"),
        ("months 24", "not_toml"),
        ("['retail.points']\nmonts = 24", "months? There are"),
        ("[retail.points]\nmonts = 24", "months? There are"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_by_name(
    shop: Shop, file: Callable[[str], str], text: str, said: str
) -> None:
    ran = publish(shop, file(text))
    assert ran.code == 1
    assert said in ran.err
    assert ran.err.count("\n") == 1


def test_effect_in_the_past_and_missing_signatures_are_refused_naming_the_options(
    shop: Shop, file: Callable[[str], str]
) -> None:
    path = file("months = 24")
    past = publish(shop, path, since="2012-01-20")
    assert (past.code, "--retroactive TEXT" in past.err) == (1, True)
    forced = publish(shop, path, "--retroactive", "promised in the newspaper", since="2012-01-20")
    assert forced.code == 0
    unsigned = ("--by", "chen", "--approved-by", "chen")
    own = shop("rules", "publish", "points", "--from-file", path, "--effective", SOON, *unsigned)
    assert (own.code, "chen drafted it and cannot approve it" in own.err) == (1, True)
    blank = shop(
        "rules",
        "publish",
        "points",
        "--from-file",
        path,
        "--effective",
        SOON,
        "--by",
        "a",
        "--approved-by",
        "",
    )
    assert (blank.code, "--approved-by WHO" in blank.err) == (1, True)
    missing = shop("rules", "publish", "points", "--from-file", "nowhere.toml", "--effective", SOON, *SIGNED)
    assert missing.code == 2


def test_a_retroactive_version_is_what_explain_names(shop: Shop, file: Callable[[str], str]) -> None:
    publish(shop, file("months = 24"), "--retroactive", "promised in the newspaper", since="2012-01-20")
    text = " ".join(shop("explain", "C-1", "retail.points.expired").out.split())
    assert "because of Points v2, published with effect from 2012-01-20 00:00" in text
    assert "drafted by chen, approved by zhao: retroactive: promised in the newspaper" in text
    assert "it changed months until expiry 5 → 24 months" in text
    assert "under Points v2: " in " ".join(shop("explain", "C-1", "retail.points.lots.A").out.split())


# Withdrawing


def test_a_version_that_is_not_in_force_is_withdrawn_and_shown_so(
    shop: Shop, file: Callable[[str], str]
) -> None:
    publish(shop, file("months = 24"))
    away = ("--by", "lin", "--approved-by", "wu", "--reason", "the board thought again")
    assert shop("rules", "withdraw", "retail.points", "2", *away).code == 0
    text = " ".join(shop("rules", "show", "retail.points").out.split())
    assert "by lin, approved by wu: the board thought again" in text
    assert shop("rules", "show", "points", "--at", LATER, "--json").json()["version"] == 1
    again = shop("rules", "withdraw", "retail.points", "2", *away)
    assert (again.code, "already_withdrawn" in again.err) == (1, True)
    begun = shop("rules", "withdraw", "retail.points", "1", *away, "--lang", "zh")
    assert (begun.code, "已生效" in begun.err) == (1, True)


def test_a_version_for_the_same_day_is_said_to_take_the_other_s_place(
    shop: Shop, file: Callable[[str], str]
) -> None:
    publish(shop, file("months = 24"))
    publish(shop, file("months = 36"))
    assert "its place was taken by version 3" in " ".join(shop("rules", "show", "points").out.split())


# Files


def guanxi_at(db: str) -> guanxi.Ledger:
    return guanxi.open(db, create=False)


def test_the_template_is_what_is_in_force_and_publishes_as_no_change(
    shop: Shop, file: Callable[[str], str]
) -> None:
    text = shop("rules", "template", "retail.points").out
    assert "# months until expiry · in months · at least 1 · default 12 (ours)\nmonths = 5\n" in text
    assert "规则集" not in text
    refused = publish(shop, file(text))
    assert refused.code == 1
    assert "changes nothing in retail.points: version 1 is the same [CORE-73]" in refused.err
    assert "--unchanged" in refused.err
    reviewed = publish(shop, file(text), "--unchanged", "--json").json()
    assert (reviewed["changes"], reviewed["published"], reviewed["version"]) == ([], True, 2)


@pytest.mark.parametrize(
    "value",
    [
        PointsRules(
            months=None,
            rate=Decimal("0.333333333333333333333333333333"),
            multipliers={'a"+b\\': Decimal("1.50")},
        ),
        PointsRules(multipliers={}),
        SpendClassRules(vip=Decimal("1E+5")),
        RfmRules(monetary_at_least=(Decimal("4.5"), Decimal(3), Decimal(2), Decimal(1))),
        LapseRules(),
        ClvRules(),
    ],
)
def test_what_is_written_as_toml_reads_back_the_same(value: guanxi.RuleSet, tmp_path: Path) -> None:
    path = tmp_path / "all.toml"
    path.write_text(as_toml(value), "utf-8")
    from guanxi.kernel.rules import rule_set_from

    assert rule_set_from(type(value), load_parameters(path, type(value))) == value


def test_a_file_may_hold_several_rule_sets_each_under_its_name(tmp_path: Path) -> None:
    path = tmp_path / "all.toml"
    path.write_text('["retail.points"]\nmonths = 6\n[retail.clv]\nmonths = 3\n', "utf-8")
    assert load_rule_sets(path, [PointsRules, ClvRules]) == {
        "retail.points": {"months": 6},
        "retail.clv": {"months": 3},
    }
    with pytest.raises(guanxi.Invalid, match=r"gives retail.points, and no rule set is called so"):
        load_rule_sets(path, [LapseRules])


# Words


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("columns", [80, 120])
def test_no_line_is_wider_than_the_screen(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, file: Callable[[str], str], language: str, columns: int
) -> None:
    publish(shop, file("months = 24"))
    monkeypatch.setenv("COLUMNS", str(columns))
    for asked in (("list",), ("show", "points"), ("diff", "points", "1", "2")):
        text = shop("rules", *asked, "--lang", language).out
        assert max(cell_len(line) for line in text.splitlines()) <= columns


def test_chinese_is_spoken_throughout(shop: Shop, file: Callable[[str], str]) -> None:
    ran = publish(shop, file("months = 24"), "--lang", "zh")
    assert "已发布为版本 2" in ran.out
    text = shop("rules", "show", "points", "--lang", "zh").out
    assert "chen 起草，zhao 批准" in text
    assert "（本产品自定）" in text
    assert "months" not in text.replace("rolling_months", "").replace("months ", "")
