"""Every call of the store, its recorder and the keyring, tried against another tenant of the same database."""

from __future__ import annotations

from typing import Any

import pytest

from guanxi.kernel.ports import Append, ClaimChange, CommandRecord, Keyring, Store
from guanxi_adapters.sql import SqlKeyring, SqlStore, open_keyring, open_store
from guanxi_adapters.sql.log_recorder import LogRecorder
from tests.adapters.sql.samples import chained, entry, head_of
from tests.adapters.tenants.calling import Case, Cases, attempt
from tests.adapters.tenants.world import NOWHERE, OURS, THEIRS, World

on_store = Cases(
    "store", Store, SqlStore, no_rows={"engine": "SQLAlchemy's own; what a host does with it is the host's"}
)
on_recorder = Cases("recorder", LogRecorder, inherited=False)
on_keyring = Cases("keyring", Keyring, SqlKeyring)

CARD = "core.identifier.till"
BEYOND = 10**9


def _growth(world: World, stream: str, tenant: str = OURS, **parts: Any) -> Append:
    """A batch of ours with one entry of a new stream."""
    from guanxi.kernel.ports import StreamAppend

    made = chained([entry(stream, 1, tenant=tenant)])
    return Append(tenant, (StreamAppend(stream, stream, 0, made, head_of(made)),), **parts)


# Store


@on_store("append")
def _(w: World) -> None:
    store = w.ledger.store
    w.refused("other_tenant", lambda t: store.append(_growth(w, "x", t)), THEIRS, "somewhere")
    theirs = _growth(w, "x", THEIRS)
    w.refused("malformed_batch", lambda t: store.append(Append(OURS, theirs.streams)), THEIRS, THEIRS)
    # What they named so is free for us, and stays theirs.
    claim = ClaimChange(CARD, w.token, w.stream, "for_ever")
    noted = CommandRecord("c:order-n", "digest", w.stream, 1, 1)
    with store.engine.connect() as connection, connection.begin() as transaction:  # type: ignore[attr-defined]
        w.outcome(store.append, _growth(w, w.stream, claims=(claim,), commands=(noted,)), connection)
        assert store.heads([w.stream], connection)[w.stream].version == 1
        transaction.rollback()


@on_store("commands")
def _(w: World) -> None:
    assert "c:order-n" in w.foreign.store.commands(["c:order-n"])
    w.alike(lambda name: w.ledger.store.commands([name]), "c:order-9999")
    w.outcome(w.ledger.store.commands, ["c:order-1", "c:order-2"])


@on_store("count")
def _(w: World) -> None:
    assert w.ledger.store.count() == w.own()


@on_store("unheaded")
def _(w: World) -> None:
    assert w.outcome(w.ledger.store.unheaded) is not None
    assert w.ledger.store.unheaded() == []


@on_store("due")
def _(w: World) -> None:
    found = w.ledger.store.due("9999", {"nobody"}, 10_000)
    assert len(found) == w.own("heads")
    w.outcome(w.ledger.store.due, "9999", "nobody", 10_000, w.stream)


@on_store("apart")
def _(w: World) -> None:
    assert len(w.ledger.store.apart({"nobody"})) == w.own("heads")
    w.outcome(w.ledger.store.apart, "nobody")


@on_store("behind_rules")
def _(w: World) -> None:
    assert len(w.ledger.store.behind_rules("9999", "")) == w.own("heads")
    w.outcome(w.ledger.store.behind_rules, "9999", "")


@on_store("entries")
def _(w: World) -> None:
    other = w.foreign.find("C-2")
    assert w.alike(w.ledger.store.entries, other) == ""


@on_store("first_named")
def _(w: World) -> None:
    store, name = w.ledger.store, "retail.purchase_recorded"
    own = [e.position for e in store.page(0, 10_000) if e.name == name]
    assert store.first_named(name) == own[0]
    assert store.first_named(name, w.position) == next((p for p in own if p > w.position), None)
    assert store.first_named(name, own[-1]) is None


@on_store("fold_rows")
def _(w: World) -> None:
    store, other = w.ledger.store, w.foreign.find("C-2")
    assert w.alike(store.fold_rows, other) == ""
    assert w.alike(lambda s: store.fold_rows(s, up_to_position=w.position), other) == ""


@on_store("fold_rows_of")
def _(w: World) -> None:
    store, other = w.ledger.store, w.foreign.find("C-2")
    assert w.alike(lambda s: store.fold_rows_of([s]), other) == ""
    assert w.alike(lambda s: store.fold_rows_of([s, "x"], up_to_position=BEYOND), other) == ""
    opened = ["core.file_opened"]
    assert w.alike(lambda s: store.fold_rows_of([s], kinds=opened), other) == ""
    assert w.alike(lambda s: store.fold_rows_of([s], kinds=opened, up_to_position=BEYOND), other) == ""


@on_store("told_late")
def _(w: World) -> None:
    assert w.alike(lambda s: w.ledger.store.told_late([s]), w.foreign.find("C-2")) == ""


@on_store("heads")
def _(w: World) -> None:
    assert w.alike(lambda s: w.ledger.store.heads([s]), w.foreign.find("C-2")) == ""


@on_store("holders")
def _(w: World) -> None:
    token = w.foreign.sealing.token(CARD, "CARDN")
    assert w.foreign.store.holders([(CARD, token)])
    assert w.alike(lambda t: w.ledger.store.holders([(CARD, t)]), token) == ""


@on_store("sharers")
def _(w: World) -> None:
    token = w.foreign.sealing.token(CARD, "CARDN")
    assert w.foreign.store.sharers([(CARD, token)])
    assert w.alike(lambda t: w.ledger.store.sharers([(CARD, t)]), token) == ""


@on_store("last_position")
def _(w: World) -> None:
    own = [e.position for e in w.ledger.store.page(0, 10_000)]
    assert w.ledger.store.last_position() == own[-1] != w.foreign.store.last_position()


@on_store("last_recorded")
def _(w: World) -> None:
    own = max(e.recorded_at for e in w.ledger.store.page(0, 10_000))
    assert w.ledger.store.last_recorded() == own < w.foreign.store.last_recorded()


@on_store("meta")
def _(w: World) -> None:
    assert w.foreign.store.meta()["note"] == "Beifang"
    assert "note" not in w.ledger.store.meta()
    w.outcome(w.ledger.store.meta)


@on_store("page")
def _(w: World) -> None:
    found = w.ledger.store.page(w.position - 1, 10_000)
    assert found and {e.tenant for e in found} == {OURS}  # noqa: PT018
    assert len(w.ledger.store.page(0, 10_000)) == w.own()


@on_store("passing")
def _(w: World) -> None:
    w.outcome(w.ledger.store.passing, w.position - 1, 10_000)  # type: ignore[attr-defined]
    assert len(w.ledger.store.passing(0, 10_000)) == w.own()  # type: ignore[attr-defined]


@on_store("position_known_at")
def _(w: World) -> None:
    store = w.ledger.store
    assert store.position_known_at("9999") == store.last_position()
    theirs = next(e for e in w.foreign.store.page(0, 10_000) if e.position == w.position)
    own = [e.position for e in store.page(0, 10_000) if e.recorded_at <= theirs.recorded_at]
    assert store.position_known_at(theirs.recorded_at) == max(own)


@on_store("positions_given")
def _(w: World) -> None:
    assert w.ledger.store.positions_given() is None  # how many they have is not to be told from it


@on_store("projector")
def _(w: World) -> None:
    made = w.ledger.store.projector(w.ledger.reporting.models, w.ledger.source())
    w.outcome(made.status)


@on_store("put_meta")
def _(w: World) -> None:
    w.ledger.store.put_meta({"remark": "ours", "zone": w.ledger.zone_name})
    assert "remark" not in w.foreign.store.meta()
    assert w.foreign.store.meta()["note"] == "Beifang"
    for name in ("schema_version", "database_id"):
        w.outcome(w.ledger.store.put_meta, {name: "9"})
        assert w.foreign.store.meta()[name] != "9"


@on_store("recorder")
def _(w: World) -> None:
    assert isinstance(w.ledger.store.recorder(), LogRecorder)


@on_store("settings")
def _(w: World) -> None:
    w.outcome(w.ledger.store.settings)


@on_store("source_references")
def _(w: World) -> None:
    store = w.ledger.store
    whole, one = list(store.source_references("till")), list(store.source_references("till", "till-1"))
    assert {r.document for r in whole} == {"A-1", "B-1", "B-2", "B-9"}
    assert {r.document for r in one} == {"B-1", "B-2", "B-9"}
    w.outcome(lambda: whole)


@on_store("streams")
def _(w: World) -> None:
    found = w.ledger.store.streams(None)
    assert len(found) == w.own("heads")
    w.outcome(lambda: found)
    w.outcome(lambda: w.ledger.store.streams("customer", w.stream[:-1]))


@on_store("close")
def _(w: World) -> None:
    other = open_store(w.url, tenant=OURS)
    other.close()
    assert w.foreign.store.count()


@on_store("count_after")
def _(w: World) -> None:
    own = [e.position for e in w.ledger.store.page(0, 10_000)]
    for position in (0, w.position, own[-1], w.ahead):
        assert w.ledger.store.count_after(position) == sum(p > position for p in own)  # type: ignore[attr-defined]


@on_store("search")
def _(w: World) -> None:
    store = w.ledger.store
    for wanted in ({"batch": "till-1"}, {"name": "retail.purchase_recorded"}, {"actor": "Nanfang-clerk"}):
        found = store.search(wanted=wanted)
        assert found
        w.outcome(lambda found=found: found)
        w.outcome(lambda wanted=wanted: store.search(wanted=wanted, after=w.position))
    assert w.alike(lambda actor: store.search(wanted={"actor": actor}), "Beifang-clerk", "nobody") == ""
    assert len(store.search(between={"occurred_at": ("", "9999")}, limit=10_000)) == w.own()


@on_store("index")
def _(w: World) -> None:
    w.outcome(w.ledger.store.index)  # type: ignore[attr-defined]
    assert w.ledger.store.count() == w.own()


@on_store("subscribe")
def _(w: World) -> None:
    own = [e.position for e in w.ledger.store.page(0, 10_000)]
    assert own[0] < w.position < own[-1]
    with w.ledger.store.subscribe(w.position) as subscription:  # type: ignore[attr-defined]
        later = [p for p in own if p > w.position]
        assert [next(subscription).position for _ in later] == later
        w.outcome(lambda: [subscription.waiting_since, subscription.trouble])


# Of the whole database, whoever appends


@on_store("horizon")
def _(w: World) -> None:
    """It counts other tenants' appends too: that there is somebody is no secret among tenants, nor is how much they write."""
    assert w.ledger.store.horizon() == w.foreign.store.horizon()  # type: ignore[attr-defined]


@on_store("last_given")
def _(w: World) -> None:
    assert w.ledger.store.last_given() == w.foreign.store.last_given()  # type: ignore[attr-defined]


@on_store("reached")
def _(w: World) -> None:
    found = []
    for store in (w.ledger.store, w.foreign.store):
        with store.database.reading() as cursor:  # type: ignore[attr-defined]
            found.append(store.reached(cursor))  # type: ignore[attr-defined]
    assert found[0] == found[1]


@on_store("in_flight")
def _(w: World) -> None:
    """It names connections, not what they write."""
    w.outcome(w.ledger.store.in_flight)  # type: ignore[attr-defined]


# Recorder


@on_recorder("insert_events")
def _(w: World) -> None:
    theirs = w.foreign.store.recorder().select_events(w.stream)
    for stored in theirs:
        w.hand_over(*_columns(stored.state))
        said = w.outcome(w.ledger.store.recorder().insert_events, [stored])
        assert said.startswith("IntegrityError")
    assert w.stream not in w.ledger.store.heads([w.stream])


@on_recorder("select_events")
def _(w: World) -> None:
    assert w.alike(w.ledger.store.recorder().select_events, w.foreign.find("C-2")) == ""


@on_recorder("select_notifications")
def _(w: World) -> None:
    recorder = w.ledger.store.recorder()
    found = recorder.select_notifications(w.position, 10_000, BEYOND, ["core.file_opened"])
    assert {n.id for n in found} <= {e.position for e in w.ledger.store.page(0, 10_000)}
    assert len(recorder.select_notifications(1, 10_000)) == w.own()
    w.outcome(lambda: [n.state for n in recorder.select_notifications(1, 10_000)])


@on_recorder("max_notification_id")
def _(w: World) -> None:
    assert w.ledger.store.recorder().max_notification_id() == w.ledger.store.last_position()


@on_recorder("subscribe")
def _(w: World) -> None:
    own = [e.position for e in w.ledger.store.page(0, 10_000)]
    with w.ledger.store.recorder().subscribe(gt=0) as subscription:
        assert [next(subscription).id for _ in own] == own


def _columns(state: bytes) -> list[Any]:
    import msgspec

    found: list[Any] = msgspec.json.decode(state)
    return found


# Keyring


@on_keyring("key")
def _(w: World) -> None:
    assert w.foreign.backend.keyring.key(w.key) is not None
    assert w.alike(w.ledger.backend.keyring.key, w.key, "0" * 16) == "None"


@on_keyring("key_for")
def _(w: World) -> None:
    theirs = w.foreign.backend.keyring.key_for(w.stream, "identity")
    ours = w.ledger.backend.keyring.key_for(w.stream, "identity")
    assert ours[0] != theirs[0]
    assert ours[1] != theirs[1]


@on_keyring("keys_for")
def _(w: World) -> None:
    w.ledger.backend.keyring.keys_for([(w.stream, "contact"), (w.stream, "identity")])
    w.outcome(w.ledger.backend.keyring.key_for, w.stream, "contact")


@on_keyring("token_key")
def _(w: World) -> None:
    assert w.ledger.backend.keyring.token_key() != w.foreign.backend.keyring.token_key()


@on_keyring("destroy")
def _(w: World) -> None:
    other = w.foreign.find("C-2") or ""
    key_id, secret = w.foreign.backend.keyring.key_for(other, "identity")
    assert w.alike(lambda s: w.ledger.backend.keyring.destroy(s, "identity"), other) == "False"
    w.foreign.backend.keyring._forget_all()  # type: ignore[attr-defined]
    assert w.foreign.backend.keyring.key(key_id) == secret


@on_keyring("close")
def _(w: World) -> None:
    open_keyring(w.url, tenant=OURS).close()
    assert w.foreign.backend.keyring.key(w.key) is not None


TABLES = (on_store, on_recorder, on_keyring)


@pytest.mark.parametrize("cases", TABLES, ids=str)
def test_each_public_call_has_a_case(cases: Cases) -> None:
    cases.check()


@pytest.mark.parametrize("case", [p for cases in TABLES for p in cases.parameters()])
def test_a_call_neither_shows_nor_changes_what_is_the_other_tenants(world: World, case: Case) -> None:
    attempt(world, case)


def test_an_id_that_nobody_has_is_told_apart_from_theirs_by_nobody(world: World) -> None:
    world.given.clear()
    with pytest.raises(AssertionError, match="of an id of north"):
        world.alike(
            lambda stream: stream in world.foreign.store.heads([stream]), world.foreign.find("C-2"), NOWHERE
        )


def test_what_shows_of_the_other_tenant_is_noticed(world: World) -> None:
    world.given.clear()
    with pytest.raises(AssertionError, match="of north shows in"):
        world.outcome(lambda: world.foreign.history("C-1").lines())
