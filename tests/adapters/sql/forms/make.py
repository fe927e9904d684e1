"""Makes a small, varied ledger with the program at hand and writes it down: its tables as SQL text, its answers as JSON.

Run once for each form of the tables, by the last program that makes it; see ``README.md`` beside this file.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sqlite3
import subprocess
import tempfile
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs

import guanxi
from guanxi import Money, OpenFile, RecordIdentifier, RecordProfileFact, Source
from guanxi_adapters.files import import_file, mapping_from
from guanxi_retail import PointsRules, RecordPurchase, RedeemPoints, RefundPurchase

HERE = Path(__file__).resolve().parent
ZONE = "Asia/Shanghai"
OTHER_TENANT = "branch"
CUT = {"as_of": "2012-08-31", "as_known": "2012-09-30"}
REPORTS = (
    "core.files",
    "core.runs",
    "retail.cohorts",
    "retail.customers",
    "retail.lapse",
    "retail.points_movement",
    "retail.rfm",
    "retail.spend_classes",
)
STATES = ("core.file", "retail.points", "retail.purchases")
LINES = (
    "customer,day,receipt,line,paid",
    "D-101,2012-05-02,K-1,1,35.20",
    "D-101,2012-06-11,K-2,1,18.00",
    "D-102,2012-05-02,K-3,1,240.00",
    "D-102,2012-05-02,K-3,2,12.75",
    "D-103,2012-07-19,K-4,1,0.00",
)
MAPPING: dict[str, Any] = {
    "source": {
        "name": "old till",
        "kind": "numbered",
        "format": "csv",
        "header": 1,
        "zone": ZONE,
        "precision": "day",
    },
    "line": [
        {
            "command": "retail.record_purchase",
            "customer": "customer",
            "occurred_at": "day",
            "document": "receipt",
            "number": "line",
            "fields": {
                "receipt": {"columns": ["receipt", "line"]},
                "paid": {"column": "paid", "currency": "CNY"},
            },
        }
    ],
    "files": {"opens": True},
}


class Shop:
    """A ledger whose clock stands where it is put."""

    def __init__(self, url: str, tenant: str = "main") -> None:
        self.ledger = guanxi.open(url, tenant=tenant, zone=ZONE)
        self.now = datetime(2012, 1, 1, tzinfo=UTC)
        self.ledger.clock = lambda: self.now

    def at(self, *moment: int) -> Shop:
        """Put the clock forward."""
        self.now = datetime(*moment, tzinfo=UTC)
        return self

    def tell(self, customer: str, command: Any, **said: Any) -> str:
        """Tell something and return the id of its first entry."""
        return self.ledger.execute(customer, command, actor=said.pop("actor", "wang"), **said).entries[0].id


def tell(url: str) -> None:
    """Tell the story of a shop, and a shorter one of its branch, another tenant of the same database."""
    shop = Shop(url)
    shop.ledger.publish(
        PointsRules(months=5), effective_from=shop.now, by="chen", approved_by="zhao", retroactive="set-up"
    )
    names = ("李明", "王芳", "张伟", "刘洋", "陈静", "杨帆", "赵磊")
    for number, name in enumerate(names, 1):
        shop.at(2012, 1, number + 1, 2)
        shop.tell(f"C-{number}", OpenFile(name=name, source_channel="store"), reason="joined at the till")
    shop.tell("C-8", OpenFile(party="organisation", name="上海百货有限公司"), channel="desk")
    shop.tell("C-1", RecordIdentifier(scheme="mobile", value="13800138000"))
    shop.tell("C-2", RecordIdentifier(scheme="email", value="fang@example.com"))
    for number in range(1, 8):
        for month in range(1, 1 + number % 4 + 1):
            shop.at(2012, month + 1, 3 + number, 2)
            paid = Money(f"{number * 37 + month * 11}.50", "CNY")
            shop.tell(
                f"C-{number}",
                RecordPurchase(
                    receipt=f"P-{number}-{month}",
                    paid=paid,
                    quantity=month,
                    area="books" if month % 2 else None,
                ),
                reason=f"till {month}",
                command_id=f"order-{number}-{month}",
                section="north" if number % 2 else None,
            )
    wrong = shop.at(2012, 5, 20, 3).tell("C-1", RecordPurchase(receipt="twice", paid=Money("30", "CNY")))
    shop.at(2012, 5, 21, 3).ledger.void(wrong, actor="li", reason="entered twice")
    shop.tell(
        "C-3",
        RefundPurchase(refund="R-1", receipt="P-3-2", paid=Money("33.00", "CNY"), quantity=1),
        reason="too small",
    )
    shop.at(2012, 8, 1, 2).ledger.advance()
    purchase = next(x for x in shop.ledger.history("C-2").lines() if x.name == "retail.purchase_recorded")
    shop.at(2012, 8, 5, 2).ledger.correct(
        purchase.id, {"paid": Money("95.50", "CNY")}, actor="li", reason="the receipt says 95.50"
    )
    late = datetime(2012, 4, 28, 10, tzinfo=UTC)
    shop.at(2012, 8, 6, 2).tell(
        "C-3", RedeemPoints(redemption="X-1", points=40), occurred_at=late, reason="the till was offline"
    )
    shop.tell("C-4", RecordProfileFact(field_name="name", value="刘洋洋"), reason="changed name")
    shop.tell(
        "C-5",
        RecordPurchase(receipt="W-1", paid=Money("120.00", "CNY")),
        source=Source("web shop", "W-1", "1"),
        on_behalf_of="branch 7",
        correlation="campaign-3",
    )
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "purchases.csv"
        data.write_text("".join(f"{line}\n" for line in LINES), encoding="utf-8")
        import_file(
            shop.at(2012, 8, 10, 2).ledger,
            data,
            mapping_from(MAPPING),
            actor="clerk",
            reason="the old till's receipts",
        )
    shop.at(2012, 9, 1, 2).ledger.run(
        "retail.spend_class", actor="analyst", as_of=datetime(2012, 8, 31, 15, 59, 59, 999_999, tzinfo=UTC)
    )
    shop.ledger.reporting.project()
    shop.ledger.close()

    branch = Shop(url, OTHER_TENANT).at(2012, 9, 2, 2)
    branch.tell("C-1", OpenFile(name="孙丽"), actor="gao", reason="joined")
    branch.tell("C-1", RecordPurchase(receipt="B-1", paid=Money("66.00", "CNY")), actor="gao")
    branch.at(2012, 9, 3, 2).tell("C-2", OpenFile(), actor="gao")
    branch.ledger.reporting.project()
    branch.ledger.close()


def answers(url: str, tenant: str, **options: Any) -> dict[str, Any]:
    """Return what a ledger answers: its entries' hashes, its reports' digests, its customers' states and lines."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ledger = guanxi.open(url, tenant=tenant, create=False, **options)
    shop_now = datetime(2012, 10, 1, 2, tzinfo=UTC)
    ledger.clock = lambda: shop_now
    try:
        entries = ledger.store.page(0, 100_000)
        accounts = (*[f"C-{n}" for n in range(1, 9)], "D-101", "D-102", "D-103")
        return {
            "zone": ledger.zone_name,
            "entries": [[e.position, e.stream, e.version, e.name, e.hash] for e in entries],
            "heads": [[h.stream, h.version, h.hash] for h in ledger.store.streams()],
            "reports": {name: ledger.report(name, **CUT).manifest.digest for name in REPORTS},
            "customers": {
                account: customer(ledger, account) for account in accounts if ledger.find(account) is not None
            },
            "rule_sets": [[p.version, p.by] for p in ledger.publications("retail.points")],
            "mobile": len(ledger.find_by("core.identifier.mobile", "13800138000")),
            "sources": [[r.document, r.line, r.entry] for r in ledger.store.source_references("old till")],
        }
    finally:
        ledger.close()


def customer(ledger: Any, account: str) -> dict[str, Any]:
    """Return the lines of a customer's history at the cut, with what each says, and the states they led to."""
    history = ledger.history(account).as_of(CUT["as_of"]).as_known(CUT["as_known"])
    return {
        "lines": [
            [line.id, line.name, line.status, line.reason, str(dict(line.fields or {}))]
            for line in history.lines()
        ],
        "states": {name: fields(history.state(name)) for name in STATES},
    }


def fields(state: Any) -> dict[str, str]:
    """Return what a state holds, field by field: a later program may add fields, and must not change these."""
    return {field.name: repr(getattr(state, field.name)) for field in attrs.fields(type(state)) if field.repr}


def dump_sqlite(path: Path, to: Path) -> None:
    """Write an SQLite file down as SQL text."""
    with sqlite3.connect(path) as connection:
        to.write_text("\n".join(connection.iterdump()) + "\n", encoding="utf-8")
    connection.close()


def dump_postgres(url: str, pg_dump: str, to: Path) -> None:
    """Write a PostgreSQL database down as SQL text, without what belongs to the server or to ``psql``."""
    dumped = subprocess.run(
        [pg_dump, "--no-owner", "--no-privileges", "--inserts", "--rows-per-insert=50", url],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    kept = [
        line
        for line in dumped.splitlines()
        if not line.startswith(("\\", "SET transaction_timeout", "-- Dumped"))
    ]
    to.write_text("\n".join(kept) + "\n", encoding="utf-8")


def main(write: Callable[[str], Any] = print) -> None:
    """Make the ledger on both databases, and write down what it holds and answers."""
    import sqlalchemy as sa

    from guanxi_adapters.sql import schema

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--pg-dump", default=shutil.which("pg_dump"), help="a pg_dump of the server's release"
    )
    parser.add_argument("--postgres", help="an empty database of a PostgreSQL server")
    given = parser.parse_args()
    name = f"v{schema.SCHEMA_VERSION}"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.db"
        tell(f"sqlite:///{path}")
        found = {tenant: answers(f"sqlite:///{path}", tenant) for tenant in ("main", OTHER_TENANT)}
        dump_sqlite(path, HERE / f"{name}-sqlite.sql")
        dump_sqlite(path.with_name("ledger.keys.db"), HERE / f"{name}-sqlite-keys.sql")
    _write(found, HERE / f"{name}-sqlite.json")
    if given.postgres:
        url = sa.make_url(given.postgres).set(drivername="postgresql+psycopg")
        text = url.render_as_string(hide_password=False)
        tell(text)
        found = {tenant: answers(text, tenant) for tenant in ("main", OTHER_TENANT)}
        plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
        dump_postgres(plain, given.pg_dump, HERE / f"{name}-postgres.sql")
        _write(found, HERE / f"{name}-postgres.json")
    write(f"made {name} in {HERE}")


def _write(found: Any, to: Path) -> None:
    to.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
