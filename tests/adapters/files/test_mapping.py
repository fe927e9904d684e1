"""A mapping file says everything a source needs, and what is wrong with it is said by key."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from guanxi import Incomplete, Invalid, Ledger, Unknown
from guanxi_adapters.files import import_file, load_mapping, mapping_from
from tests.adapters.files.conftest import CDNOW, table

DROP = object()


def test_the_shipped_mappings_read(ledger: Ledger) -> None:
    for name in ("master", "sample"):
        mapping = load_mapping(CDNOW / f"{name}.toml")
        assert (mapping.source.name, mapping.source.kind, mapping.source.zone.key) == (
            "cdnow",
            "unnumbered",
            "America/New_York",
        )
        assert mapping.lines[0].command in ledger.commands


@pytest.mark.parametrize(
    ("kind", "changes", "key", "accepted"),
    [
        ("unnumbered", {"source_kind": DROP}, "source.kind", "there is no default"),
        ("unnumbered", {"source_zone": DROP}, "source.zone", "there is no default"),
        ("unnumbered", {"source_precision": DROP}, "source.precision", "there is no default"),
        ("unnumbered", {"source_kind": "growing"}, "source.kind", "numbered, unnumbered, delta"),
        ("unnumbered", {"source_zone": "Mars/Base"}, "source.zone", "IANA"),
        ("unnumbered", {"source_encoding": "latin-1"}, "source.encoding", "gb18030"),
        ("unnumbered", {"source_delimiter": "::"}, "source.delimiter", '","'),
        ("unnumbered", {"source_header": 0}, "source.columns", "columns"),
        ("unnumbered", {"source_name": ""}, "source.name", "text"),
        ("unnumbered", {"source_file_number": 7}, "source.file_number", "delta"),
        ("unnumbered", {"source_colour": "red"}, "source.colour", "delimiter"),
        ("unnumbered", {"line_customer": DROP}, "line.customer", "customer"),
        ("unnumbered", {"line_document": "receipt"}, "line.document", "numbered"),
        ("numbered", {"line_document": DROP}, "line.document", "document"),
        (
            "unnumbered",
            {"line_occurred_at": {"column": "day", "format": "%d.%m.%y"}},
            "line.occurred_at",
            "%Y",
        ),
        (
            "unnumbered",
            {"field_paid": {"column": "paid", "constant": "1", "currency": "CNY"}},
            "line.fields.paid.column",
            "constant",
        ),
        ("unnumbered", {"field_paid": {"colum": "paid"}}, "line.fields.paid.colum", "column"),
        (
            "unnumbered",
            {"field_paid": {"constant": 1.5, "currency": "CNY"}},
            "line.fields.paid.constant",
            "quotes",
        ),
        ("unnumbered", {"field_paid": 7}, "line.fields.paid", "column"),
        ("unnumbered", {"files_party": "robot"}, "files.party", "organisation"),
        ("unnumbered", {"files_opens": "yes"}, "files.opens", "true or false"),
    ],
)
def test_a_malformed_mapping_is_refused_by_file_key_and_what_would_be_accepted(
    kind: str, changes: dict[str, Any], key: str, accepted: str
) -> None:
    data = table(kind, **changes)
    for part in (data["source"], data["line"][0], data["files"]):
        for name in [n for n, v in part.items() if v is DROP]:
            del part[name]
    with pytest.raises(Invalid) as refusal:
        mapping_from(data, "till.toml")
    assert refusal.value.code == "bad_mapping"
    assert refusal.value.message.startswith(f"till.toml: {key}: ")
    assert refusal.value.zh.startswith(f"till.toml: {key}：")
    assert accepted in refusal.value.accepts


@pytest.mark.parametrize(
    ("changes", "key", "accepted"),
    [
        ({"line_command": "retail.buy"}, "line.command", "retail.record_purchase"),
        ({"field_colour": "paid"}, "line.fields.colour", "receipt, paid, quantity"),
        ({"field_paid": "nowhere"}, "line.fields.paid", "currency"),
        ({"field_paid": {"column": "nowhere", "currency": "CNY"}}, "line.fields.paid", "customer, day, paid"),
        ({"field_paid": "paid"}, "line.fields.paid", "currency"),
        ({"field_paid": {"column": "paid", "currency": "yuan"}}, "line.fields.paid.currency", "ISO 4217"),
        ({"field_area": {"column": "paid", "currency": "CNY"}}, "line.fields.area", "currency"),
        ({"field_quantity": {"generated": True}}, "line.fields.quantity", "column"),
        ({"line_customer": {"generated": True}}, "line.customer", "column"),
    ],
)
def test_a_mapping_that_does_not_fit_the_ledger_or_the_file_is_refused(
    ledger: Ledger, tmp_path: Path, changes: dict[str, Any], key: str, accepted: str
) -> None:
    path = tmp_path / "data.csv"
    path.write_text("customer,day,paid\nC-1,2012-01-05,1.00\n")
    with pytest.raises(Invalid) as refusal:
        import_file(ledger, path, mapping_from(table(**changes), "till.toml"), actor="a", reason="r")
    assert refusal.value.code == "bad_mapping"
    assert refusal.value.message.startswith(f"till.toml: {key}: ")
    assert accepted in refusal.value.accepts
    assert ledger.store.count() == 0


def test_a_command_s_missing_fields_are_named(ledger: Ledger, tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text("customer,day,paid\nC-1,2012-01-05,1.00\n")
    data = table()
    del data["line"][0]["fields"]["paid"]
    with pytest.raises(Invalid, match="also needs paid"):
        import_file(ledger, path, mapping_from(data), actor="a", reason="r")


def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    with pytest.raises(Unknown, match="no_such_file"):
        load_mapping(path)
    with pytest.raises(Unknown, match="no_such_file"):
        load_mapping(tmp_path)
    for content in (b"[source", b"\xff\xfe", b"a = 1\n" * 300_000):
        path.write_bytes(content)
        with pytest.raises(Invalid, match=re.escape(f"bad_mapping: {path}: ")):
            load_mapping(path)
    path.write_text("")
    with pytest.raises(Invalid, match="line: it is missing"):
        load_mapping(path)


def test_a_delta_file_s_number_may_stand_in_the_mapping(ledger: Ledger, tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text("customer,day,paid\nC-1,2012-01-05,1.00\n")
    numbered = mapping_from(table("delta", source_file_number=7))
    assert import_file(ledger, path, numbered, actor="a", reason="r").accepted == 1
    assert import_file(ledger, path, numbered, actor="a", reason="r", file_number="8").accepted == 1
    with pytest.raises(Incomplete, match="file_number_missing"):
        import_file(ledger, path, mapping_from(table("delta")), actor="a", reason="r")
