"""``guanxi view``: everything that is known of a customer, section by section."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from rich.cells import cell_len

import guanxi
from guanxi import Command, Money, OpenFile, RecordProfileFact
from guanxi.relationship.dealings.commands import DeliverGoods, IssueInvoice, PlaceOrder
from guanxi.relationship.dealings.events import LineQuantity, OrderLine
from guanxi.relationship.documents.commands import HandInDocument
from guanxi.relationship.file.commands import RecordContactPoint
from guanxi.relationship.ownership.commands import AssignMaintainer
from guanxi.relationship.people.commands import NameContactPerson
from guanxi.relationship.service.commands import KeepPromise, MakePromise, ReceiveComplaint
from tests.adapters.cli.conftest import Ran

Shop = Callable[..., Ran]


def test_a_customer_is_shown_section_by_section(shop: Shop) -> None:
    shown = shop("view", "C-1")
    assert shown.code == 0
    assert "Customer file" in shown.out
    assert "C-1" in shown.out
    assert "客户档案" in shop("--lang", "zh", "view", "C-1").out


def test_json_holds_every_section_and_what_is_due(shop: Shop) -> None:
    plain = shop("view", "C-1", "--json").json()
    assert plain["account"] == "C-1"
    assert {"core.view_file", "core.view_grades"} <= set(plain["sections"])
    assert all(section["hidden"] == 0 for section in plain["sections"].values())
    assert isinstance(plain["due"], list)


def test_a_customer_that_is_not_there_is_refused(shop: Shop) -> None:
    refused = shop("view", "nobody")
    assert refused.code == 1
    assert "unknown_relationship" in refused.err


# ------------------------------------------------------------ a customer who has much on file


STEEL = OrderLine(
    line="1",
    product="steel",
    quantity=Decimal(10),
    unit="t",
    amount=Money("123456.50", "CNY"),
    promised_on=date(2025, 3, 20),
)
LIFE: tuple[Command, ...] = (
    AssignMaintainer(person="wang"),
    RecordContactPoint(type="mobile", value="13800138000"),
    RecordProfileFact(field_name="birth_date", value="1980-05-01"),
    RecordProfileFact(field_name="region", value="north"),
    NameContactPerson(person="P-1", name="赵敏", post="buyer", key_person=True),
    PlaceOrder(order="a-very-long-order-number-of-the-old-system-0001", lines=(STEEL,)),
    IssueInvoice(invoice="I-1", amount=Money("1000", "CNY"), due_on=date(2025, 3, 20)),
    ReceiveComplaint(complaint="B-1", category="quality", content="late"),
    MakePromise(promise="V-1", content="x", due=date(2025, 3, 30), basis="call", promiser="li"),
    KeepPromise(promise="V-1"),
    HandInDocument(document="D-1", document_type="letter", formed_on=date(2025, 3, 1), pages=2),
    DeliverGoods(
        order="a-very-long-order-number-of-the-old-system-0001",
        lines=(LineQuantity(line="1", quantity=Decimal(10)),),
        delivery_note="N-1",
    ),
)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A ledger with one customer who has much on file; its URL."""
    url = f"sqlite:///{tmp_path_factory.mktemp('view') / 'view.db'}"
    ledger = guanxi.open(url, plugins=[])
    now = datetime(2025, 3, 10, 9, tzinfo=UTC)
    ledger.clock = lambda: now
    ledger.execute("C-1", OpenFile(name="李明", party="person"), actor="chen")
    for command in LIFE:
        ledger.execute("C-1", command, actor="chen")
    ledger.close()
    return url


@pytest.fixture
def seen(run: Callable[..., Ran], kept: str, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """Run the command on it, at so many columns."""

    def go(*arguments: str, columns: int = 80) -> Ran:
        monkeypatch.setenv("COLUMNS", str(columns))
        return run(*arguments, "--db", kept)

    return go


@pytest.mark.parametrize("columns", [80, 100, 140])
@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("what", [("view", "C-1"), ("due", "--state", "all", "--as-of", "2025-04-01")])
def test_every_line_fits_the_screen(seen: Shop, what: tuple[str, ...], lang: str, columns: int) -> None:
    shown = seen("--lang", lang, *what, columns=columns)
    assert shown.code == 0
    assert [line for line in shown.out.splitlines() if cell_len(line) > columns] == []


def test_codes_are_called_by_their_labels_and_what_people_wrote_stays(seen: Shop) -> None:
    zh = seen("--lang", "zh", "view", "C-1", columns=140).out
    for label in (
        "自然人",
        "信任阶段",
        "保持",
        "指定",
        "履行完毕",
        "已履行",
        "在库",
        "计算得出",
        "质量",
        "出生日期",
        "手机",
    ):
        assert label in zh
    for code in (
        "trust",
        "retain",
        "assigned",
        "fulfilled",
        "kept",
        "in file",
        "in_file",
        "computed",
        "quality",
        "birth",
    ):
        assert code not in zh
    assert "north" in zh
    assert "steel" not in zh
    en = seen("view", "C-1", columns=140).out
    assert "natural person" in en
    assert "birth date" in en
    assert "_" not in en


def test_numbers_are_short_amounts_have_thousands_apart_and_moments_no_seconds(seen: Shop) -> None:
    shown = seen("view", "C-1", columns=140).out
    assert "  1  mobile number  +8613800138000" in shown
    assert "123,456.50 CNY" in shown
    assert "2025-03-10 17:00\n" in shown
    assert "17:00:00" not in shown


def test_a_part_in_decisions_that_nobody_stated_is_not_shown(seen: Shop) -> None:
    (line,) = (x for x in seen("view", "C-1", columns=140).out.splitlines() if x.startswith("P-1"))
    assert line.split() == ["P-1", "赵敏", "buyer", "–", "yes", "2025-03-10", "17:00"]


def test_subjects_of_which_nothing_is_on_file_are_named_at_the_end(seen: Shop) -> None:
    told = " ".join(seen("view", "C-1", columns=140).out.split())
    assert (
        "Nothing on file: Open leads, Open opportunities, Contracts, Payments, Messages, Service requests"
        in told
    )
    assert told.endswith("Points, Vouchers, VIP list, Stock and consumption.")
    zh = seen("--lang", "zh", "view", "C-1", columns=140).out
    assert "\n无记录：在途线索、" in zh
    assert zh.endswith("。\n")


def test_on_a_narrow_screen_kind_and_item_of_what_is_due_share_a_column(seen: Shop) -> None:
    asked = ("due", "--state", "all", "--as-of", "2025-04-01")
    assert "Kind · Item" in seen(*asked, columns=80).out
    wide = seen(*asked, columns=180).out
    assert "Kind · Item" not in wide
    assert "after delivery · a-very-long-order-number-of-the-old-system-0001 · N-1" in wide
    assert any(line.split()[:3] == ["2025-03-20", "overdue", "Receivable"] for line in wide.splitlines())
    assert "交货后 · " in seen("--lang", "zh", *asked, columns=180).out
