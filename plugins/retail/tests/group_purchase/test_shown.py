"""Every report of group purchase as people see it, in both languages, with its picture."""

from __future__ import annotations

import re

import pytest

from guanxi import RecordProfileFact
from plugins.retail.tests.group_purchase.cellar import Cellar
from plugins.retail.tests.group_purchase.test_file import file_in

CODE = re.compile(r"(?<![.\w])[a-z]+_[a-z_]+\b")
"""A code that nobody put into words; stored names bear the prefix of their plugin."""
WITH_PICTURES = {
    "retail.consumption_evaluation",
    "retail.stock_and_consumption",
    "retail.manager_forecast",
    "retail.file_completeness",
}
REPORTS = ("retail.vip_list", "retail.weekly_sales", *sorted(WITH_PICTURES))


@pytest.fixture(scope="module")
def month():
    """A ledger after a month in which everything happened once."""
    c = Cellar(customers=("C-1", "C-2", "C-3"))
    c.tell("2012-01-01", RecordProfileFact(field_name="household_size", value="4"))
    c.use("2012-01-01", "30")
    c.count("2012-01-05T09:00", "2")
    c.deliver("2012-01-05", "30")
    c.count("2012-01-06", "7", product="oil", who="C-2")
    c.buy("2012-01-25", "R-1", ("high", "10000", "Moutai"))
    c.buy("2012-01-26", "R-2", ("low", "300", "Erguotou"), who="C-2")
    c.refund("2012-01-27", "R-2", "100", who="C-2")
    c.apply("2012-01-28")
    file_in(c, "2012-01-29", "customer_card")
    c.at("2012-01-31")
    yield c
    c.ledger.close()


@pytest.mark.rule("RET-40")
@pytest.mark.parametrize("name", REPORTS)
def test_a_report_is_shown_in_words_of_both_languages(month, name):
    result = month.ledger.report(name)
    assert result.rows
    for lang in ("en", "zh"):
        shown = result.as_table(lang, 400)
        assert result.report.title(lang) in shown
        assert CODE.findall(shown) == []


@pytest.mark.rule("RET-40")
@pytest.mark.parametrize("name", REPORTS)
def test_a_report_that_has_a_picture_is_drawn(month, name):
    result = month.ledger.report(name)
    assert (result.report.picture is not None) == (name in WITH_PICTURES)
    assert ("<svg" in result.as_html("zh")) == (name in WITH_PICTURES)


@pytest.mark.rule("RET-42")
def test_a_look_at_the_customer_shows_his_stock(month):
    (row,) = month.ledger.whole_view("C-1").section("retail.view_stock").rows
    assert [str(cell) for cell in row[:3]] == ["rice", "2012-02-06", "2012-02-06"]
    (missing,) = month.ledger.whole_view("C-2").section("retail.view_stock").rows
    assert missing[3] == "rate_missing"
