"""A ledger with a late entry, a correction, a void and a refund, made once; and the command, run in this process."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs
import pytest

import guanxi
from guanxi import Money, OpenFile, RecordProfileFact
from guanxi_adapters.cli import main
from guanxi_retail import PointsRules, RecordPurchase, RedeemPoints, RefundPurchase

VARIABLES = (
    "LC_ALL",
    "LC_MESSAGES",
    "LANG",
    "COLUMNS",
    "GUANXI_DB",
    "GUANXI_KEYS",
    "GUANXI_TENANT",
    "GUANXI_ACTOR",
    "GUANXI_PLUGINS",
    "GUANXI_BLOCK",
    "NO_COLOR",
)


def make_sample(url: str) -> None:
    """Make a small history through the library, at moments of its own."""
    ledger = guanxi.open(url, zone="Asia/Shanghai")
    clock = [datetime(2012, 1, 1, tzinfo=UTC)]
    ledger.clock = lambda: clock[0]

    def at(*moment: int) -> None:
        clock[0] = datetime(*moment, tzinfo=UTC)  # type: ignore[misc]

    ledger.publish(PointsRules(months=5), effective_from=clock[0], by="chen", approved_by="zhao")
    ledger.execute(
        "C-1", OpenFile(name="李明", source_channel="store"), actor="wang", reason="joined at the till"
    )
    at(2012, 1, 30, 2)
    ledger.execute(
        "C-1",
        RecordPurchase(receipt="A", paid=Money("100", "CNY"), area="books"),
        actor="wang",
        reason="till 3",
    )
    at(2012, 2, 14, 3, 30)
    ledger.execute(
        "C-1",
        RecordPurchase(receipt="B", paid=Money("1280.50", "CNY"), quantity=2),
        actor="wang",
        on_behalf_of="branch 7",
    )
    at(2012, 2, 15, 3, 30)
    wrong = (
        ledger.execute("C-1", RecordPurchase(receipt="C", paid=Money("30", "CNY")), actor="wang")
        .entries[0]
        .id
    )
    at(2012, 3, 1, 3, 30)
    ledger.void(wrong, actor="li", reason="entered twice")
    ledger.execute(
        "C-1",
        RefundPurchase(refund="R-1", receipt="B", paid=Money("280.50", "CNY")),
        actor="wang",
        reason="too small",
    )
    at(2012, 7, 1, 2)
    ledger.advance()
    at(2012, 7, 2, 2)
    late = datetime(2012, 6, 30, 10, tzinfo=UTC)
    ledger.execute(
        "C-1",
        RedeemPoints(redemption="X", points=40),
        actor="zhou",
        occurred_at=late,
        reason="till was offline",
    )
    at(2012, 7, 5, 2)
    purchase = next(x for x in ledger.history("C-1").lines() if x.name == "retail.purchase_recorded")
    ledger.correct(purchase.id, {"paid": Money("120", "CNY")}, actor="li", reason="the receipt says 120")
    ledger.execute(
        "C-1", RecordProfileFact(field_name="name", value="李明远"), actor="wang", reason="changed name"
    )
    ledger.execute("C-2", OpenFile(party="organisation", name="上海百货有限公司"), actor="wang")
    ledger.close()


@attrs.frozen
class Ran:
    """What one run of the command left."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli")
    make_sample(f"sqlite:///{folder / 'shop.db'}")
    return folder


@pytest.fixture
def db(made: Path, tmp_path: Path) -> str:
    """A copy of the sample ledger, to be changed at will; its URL."""
    for file in made.iterdir():
        shutil.copy(file, tmp_path)
    return f"sqlite:///{tmp_path / 'shop.db'}"


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An English locale, 80 columns, and nothing said about a ledger."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("GUANXI_ACTOR", "tester")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def run(plain: None, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Run the command in this process, as its entry point does."""

    def go(*arguments: str) -> Ran:
        capsys.readouterr()
        code = main(arguments)
        out, err = capsys.readouterr()
        return Ran(code, out, err)

    return go


@pytest.fixture
def shop(run: Callable[..., Ran], db: str) -> Callable[..., Ran]:
    """Run the command on the sample ledger."""
    return lambda *arguments: run(*arguments, "--db", db)
