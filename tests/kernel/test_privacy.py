"""Personal values are unreadable without their key: in the files, between entries, and for ever once it is destroyed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from guanxi import ERASED, CustomerFile, RecordIdentifier, RecordProfileFact, verify
from guanxi.kernel.privacy import Sealing, is_sealed
from guanxi.relationship import Identifiers
from guanxi_retail.purchases.purchases import Purchases
from tests.kernel.desks import Desk, path_of

NAME, LATER_NAME, RIGHT_NAME = "李明明·欧阳", "王芳芳·司徒", "张伟伟·诸葛"
PAPER = "11010519491231002X"
REASON = "moved in with his daughter 搬去女儿家"
SECRETS = (NAME, LATER_NAME, RIGHT_NAME, PAPER, REASON, "搬去女儿家")


@pytest.fixture
def desk(sqlite_url: str) -> Iterator[Desk]:
    """A customer under three names, one of them a correction, with a paper and a reason, read in every way."""
    with Desk(sqlite_url, now="2025-01-01").open(name=NAME, on="2025-01-01") as d:
        d.on("2025-02-01").ledger.correct(
            f"{d.stream()}/1", {"name": RIGHT_NAME}, actor="clerk", reason="misheard"
        )
        d.on("2025-03-01").tell(RecordProfileFact(field_name="name", value=LATER_NAME), reason=REASON)
        d.tell(RecordIdentifier(scheme="prc_id", value=PAPER))
        d.buy("A")
        d.on("2025-06-01").ledger.report("core.files")
        d.ledger.report("core.files", as_of="2025-02-15")
        yield d


def files_of(desk: Desk) -> dict[str, bytes]:
    """Return the bytes of everything beside the database: the log, its write-ahead log, the keys."""
    return {p.name: p.read_bytes() for p in path_of(desk.url).parent.iterdir() if p.is_file()}


def written(text: str) -> tuple[bytes, ...]:
    """Return the ways in which a text could stand in a file."""
    escaped = text.encode("ascii", "backslashreplace")
    return text.encode(), text.encode("utf-16-le"), text.encode("utf-16-be"), escaped


def erase(desk: Desk, *families: str, who: str = "C-1") -> None:
    for family in families:
        assert desk.ledger.backend.keyring.destroy(desk.stream(who), family)


def names_reported(desk: Desk, **cut: Any) -> list[Any]:
    return [row[2] for row in desk.ledger.report("core.files", **cut).rows]


def test_nothing_personal_stands_in_the_files(desk: Desk) -> None:
    found = files_of(desk)
    assert {"ledger.db", "ledger.db-wal", "ledger.keys.db"} <= set(found)
    assert any(b"C-1" in content for content in found.values())
    for name, content in found.items():
        for secret in SECRETS:
            assert not any(form in content for form in written(secret)), (name, secret)


def test_nothing_personal_stands_in_any_table(desk: Desk) -> None:
    with closing(sqlite3.connect(path_of(desk.url))) as connection:
        lines = list(connection.iterdump())
    assert any("core_files" in line for line in lines)
    assert not [line for line in lines for secret in SECRETS if secret in line]


def test_it_is_readable_through_history_and_report(desk: Desk) -> None:
    history = desk.ledger.history("C-1")
    assert history.state(CustomerFile).name == LATER_NAME
    assert history.as_of("2025-02-15").state(CustomerFile).name == RIGHT_NAME
    assert history.as_known("2025-01-15").as_of("2025-02-15").state(CustomerFile).name == NAME
    assert history.state(Identifiers).by_scheme == {"prc_id": [PAPER]}
    assert [line.reason for line in history.lines() if line.name == "core.profile_fact_recorded"] == [REASON]
    assert names_reported(desk) == [LATER_NAME]
    assert names_reported(desk, as_of="2025-02-15") == [RIGHT_NAME]
    assert names_reported(desk, as_of="2025-02-15", as_known="2025-01-15") == [NAME]


def test_a_destroyed_key_makes_it_unreadable_at_every_cut(desk: Desk) -> None:
    erase(desk, "identity")
    history = desk.ledger.history("C-1")
    for cut in (history, history.as_of("2025-02-15"), history.as_known("2025-01-15")):
        assert cut.state(CustomerFile).name is ERASED
        assert not [secret for line in cut.lines() for secret in SECRETS if secret in repr(line.fields)]
    assert history.state(Identifiers).by_scheme == {"prc_id": [ERASED]}
    assert names_reported(desk) == ["(erased)"]
    assert names_reported(desk, as_of="2025-02-15") == ["(erased)"]
    assert names_reported(desk, as_of="2025-02-15", as_known="2025-01-15") == ["(erased)"]


def test_erasing_leaves_what_is_not_personal(desk: Desk) -> None:
    erase(desk, "identity")
    (row,) = desk.ledger.report("core.files").rows
    assert row[0] == "C-1"
    assert desk.ledger.history("C-1").state(Purchases).spent == 100
    assert desk.ledger.history("C-1").lines()[0].name == "core.file_opened"


def test_erasing_changes_no_entry_and_breaks_no_hash(desk: Desk) -> None:
    before = desk.ledger.store.entries(desk.stream())
    erase(desk, "identity", "dealings")
    assert desk.ledger.store.entries(desk.stream()) == before
    assert verify(desk.ledger.store).clean


def test_read_models_can_be_made_anew_after_erasing(desk: Desk) -> None:
    erase(desk, "identity")
    desk.ledger.reporting.rebuild()
    assert names_reported(desk) == ["(erased)"]
    assert [s.parked_at for s in desk.ledger.reporting.status()] == [None] * len(desk.ledger.reporting.models)


def test_the_erased_stay_erased_for_whoever_opens_the_database_next(desk: Desk) -> None:
    erase(desk, "identity")
    with Desk(desk.url) as again:
        assert again.ledger.history("C-1").state(CustomerFile).name is ERASED
        assert names_reported(again) == ["(erased)"]


def test_life_goes_on_after_erasing(desk: Desk) -> None:
    erase(desk, "identity", "dealings")
    desk.on("2025-06-02").buy("B", reason="till 3")
    desk.ledger.correct(f"{desk.stream()}/1", {"source_channel": "shop"}, actor="clerk", reason="mistyped")
    desk.tell(RecordProfileFact(field_name="name", value="新名"))
    history = desk.ledger.history("C-1")
    assert history.state(CustomerFile).name == "新名"
    assert history.as_of("2025-06-01").state(CustomerFile).name is ERASED
    assert history.state(CustomerFile).source_channel == "shop"
    assert history.explain("core.file.name").value == "新名"
    assert verify(desk.ledger.store).clean


def test_erasing_one_family_or_one_customer_touches_no_other(desk: Desk) -> None:
    desk.open("C-2", name=NAME)
    erase(desk, "dealings")
    assert desk.ledger.history("C-1").state(CustomerFile).name == LATER_NAME
    erase(desk, "identity")
    assert desk.ledger.history("C-2").state(CustomerFile).name == NAME


def test_reasons_are_sealed_and_erasable(desk: Desk) -> None:
    entries = desk.ledger.store.entries(desk.stream())
    assert all(e.reason is None or is_sealed(e.reason) for e in entries)
    assert sum(e.reason is not None for e in entries) == 3
    erase(desk, "dealings")
    reasons = [line.reason for line in desk.ledger.history("C-1").lines()]
    assert reasons.count("(erased)") == 3
    assert not [r for r in reasons if r not in (None, "(erased)")]


def test_equal_names_in_two_files_are_sealed_differently(desk: Desk) -> None:
    desk.open("C-2", "C-3", name=NAME)
    sealed = [
        desk.ledger.store.entries(desk.stream(who))[0].payload.split('"name":')[1].split(",")[0]
        for who in ("C-1", "C-2", "C-3")
    ]
    assert all("~s1." in text for text in sealed)
    assert len(set(sealed)) == 3


def test_one_value_at_two_places_of_one_file_is_sealed_differently(desk: Desk) -> None:
    for _ in range(2):
        desk.tell(RecordProfileFact(field_name="nickname", value=NAME))
    first, second = desk.ledger.store.entries(desk.stream())[-2:]
    assert first.payload != second.payload


def test_claims_are_kept_as_tokens_which_only_this_ledger_can_make(desk: Desk, tmp_path: Path) -> None:
    with Desk(f"sqlite:///{tmp_path / 'other.db'}") as second:
        second.open(name=NAME)
        second.tell(RecordIdentifier(scheme="prc_id", value=PAPER))
        tokens = []
        for url in (desk.url, second.url):
            with closing(sqlite3.connect(path_of(url))) as connection:
                tokens.append(dict(connection.execute("SELECT kind, token FROM guanxi_claims").fetchall()))
    assert tokens[0].keys() == tokens[1].keys() == {"core.account", "core.identifier.prc_id"}
    assert all(tokens[0][kind] != tokens[1][kind] for kind in tokens[0])
    assert not [t for found in tokens for t in found.values() if PAPER in t or "C-1" in t]


def move(desk: Desk, source: int, target: int) -> None:
    """Put one entry's payload, sealed values and all, into another."""
    with closing(sqlite3.connect(path_of(desk.url))) as connection:
        (payload,) = connection.execute(
            "SELECT payload FROM guanxi_entries WHERE position = ?", (source,)
        ).fetchone()
        connection.execute("UPDATE guanxi_entries SET payload = ? WHERE position = ?", (payload, target))
        connection.commit()


def test_a_sealed_value_cannot_be_moved_to_another_entry_or_file(desk: Desk) -> None:
    desk.open("C-2", name="别人")
    mine, theirs = (
        desk.ledger.store.entries(desk.stream())[0],
        desk.ledger.store.entries(desk.stream("C-2"))[0],
    )
    move(desk, mine.position, theirs.position)
    with pytest.raises(ValueError, match="altered or moved"):
        desk.ledger.history("C-2").state(CustomerFile)
    assert [f.entry for f in verify(desk.ledger.store).faults] == [theirs.id]


def test_a_sealed_value_belongs_to_one_tenant_entry_and_field(desk: Desk) -> None:
    sealing, ring = desk.ledger.sealing, desk.ledger.backend.keyring
    text = sealing.seal(desk.stream(), "identity", "s/1#name", NAME)
    assert sealing.unseal("s/1#name", text) == NAME
    for place in ("s/1#value", "s/2#name", "t/1#name", "s/1#@reason"):
        with pytest.raises(ValueError, match="altered or moved"):
            sealing.unseal(place, text)
    with pytest.raises(ValueError, match="altered or moved"):
        Sealing("other", ring).unseal("s/1#name", text)


def test_a_read_models_cell_cannot_be_moved_to_another_row(desk: Desk) -> None:
    desk.open("C-2", name="别人")
    desk.ledger.reporting.project()
    with closing(sqlite3.connect(path_of(desk.url))) as connection:
        connection.execute("UPDATE core_files SET name = (SELECT name FROM core_files WHERE account = 'C-1')")
        connection.commit()
    with pytest.raises(ValueError, match="altered or moved"):
        desk.ledger.report("core.files")


@pytest.mark.parametrize("text", ["~s1.", "~s1.abc.def", "~s1.0000000000000000.AAAA"])
def test_a_text_that_only_looks_sealed_is_what_somebody_wrote(desk: Desk, text: str) -> None:
    desk.buy(text)
    desk.tell(RecordProfileFact(field_name=text, value=text, evidence=text), reason=text)
    (bought,) = [
        line
        for line in desk.ledger.history("C-1").lines()
        if line.name == "retail.purchase_recorded" and line.fields and line.fields["receipt"] == text
    ]
    assert bought.status == "in force"
    assert desk.ledger.history("C-1").state(CustomerFile).profile[text] == text
    assert desk.ledger.history("C-1").lines()[-1].reason == text
    desk.ledger.correct(bought.id, {"outlet": text}, actor="clerk", reason="r")
    assert text in [
        line.fields["fields"].get("outlet")
        for line in desk.ledger.history("C-1").lines()
        if line.fields and "fields" in line.fields
    ]
