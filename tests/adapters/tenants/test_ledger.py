"""Every call of the ledger, tried against another tenant of the same database; and each tenant's proofs alone."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest

import guanxi
from guanxi import (
    History,
    Ledger,
    Money,
    RecordIdentifier,
    RecordProfileFact,
    Source,
    Telling,
    verify,
)
from guanxi.kernel.following import FollowState
from guanxi.kernel.rules import Supposed
from guanxi.kernel.timeline import Cut
from guanxi_retail import PointsRules, RecordPurchase
from tests.adapters.tenants.calling import Case, Cases, attempt
from tests.adapters.tenants.world import NOW, NOWHERE, OURS, RUN, World

_SETTINGS = "what the ledger was made with, or what its plugins declare; holds no row"
_MACHINERY = "made once for the ledger, of its own store; the calls of what it makes have cases"

on_ledger = Cases(
    "ledger",
    Ledger,
    also=vars(guanxi.open("sqlite://")),
    no_rows={
        **dict.fromkeys(
            (
                "AGGREGATE_CACHE_FASTFORWARD", "AGGREGATE_CACHE_FASTFORWARD_SKIPPING", "AGGREGATE_CACHE_MAXSIZE",
                "DEEPCOPY_FROM_AGGREGATE_CACHE", "acting", "after_opening", "clock", "closing", "codec", "commands", "env",
                "house", "installed", "is_snapshotting_enabled", "labels", "log_section_size", "name", "notify_topics",
                "owners", "parts", "registry", "snapshot_class", "snapshots", "snapshotting_intervals",
                "snapshotting_projectors", "timelines", "tz", "zone_name",
            ),
            _SETTINGS,
        ),
        **dict.fromkeys(
            (
                "backend", "construct_env", "construct_event_store", "construct_factory", "construct_mapper",
                "construct_notification_log", "construct_recorder", "construct_repository", "construct_snapshot_store",
                "construct_transcoder", "factory", "mapper", "recorder", "register_transcodings", "reporting", "runs",
                "store",
            ),
            _MACHINERY,
        ),
    },
)  # fmt: skip


def bought(receipt: str) -> RecordPurchase:
    return RecordPurchase(receipt=receipt, paid=Money("1", "CNY"))


# Ledger


@on_ledger("advance")
def _(w: World) -> None:
    w.ledger.execute("C-2", bought("D-1"), actor="x", happened=True)
    before, clock = w.own(), w.ledger.clock
    w.ledger.clock = lambda: NOW + timedelta(days=200)  # type: ignore[method-assign,assignment]
    done = w.ledger.advance()
    w.ledger.clock = clock  # type: ignore[method-assign]
    assert 0 < done == w.own() - before


@on_ledger("check_determinism")
def _(w: World) -> None:
    w.refused("unknown_relationship", lambda s: w.ledger.check_determinism([s]), w.stream)
    found = w.ledger.check_determinism()
    assert found.same
    assert found.streams <= w.own("heads")
    w.outcome(lambda: found)


@on_ledger("close")
def _(w: World) -> None:
    guanxi.open(w.url, tenant=OURS).close()
    assert w.foreign.find("C-1")


@on_ledger("correct")
def _(w: World) -> None:
    entry = f"{NOWHERE}/2"
    w.refused(
        "unknown_entry", lambda e: w.ledger.correct(e, {"quantity": 9}, actor="x", reason="x"), w.entry, entry
    )
    w.refused(
        "unknown_entry", lambda e: w.ledger.correct(e, {"nothing": 9}, actor="x", reason="x"), w.entry, entry
    )


@on_ledger("events")
def _(w: World) -> None:
    assert w.alike(lambda s: list(w.ledger.events.get(s)), w.foreign.find("C-2")) == ""
    w.hand_over(*(e.entry.hash for e in w.foreign.events.get(w.stream)))
    said = w.outcome(w.ledger.events.put, list(w.foreign.events.get(w.stream))[:1])
    assert "IntegrityError" in said


@on_ledger("execute")
def _(w: World) -> None:
    hobby = RecordProfileFact(field_name="hobby", value="chess")
    w.refused("unknown_relationship", lambda s: w.ledger.execute(s, hobby, actor="x"), w.stream)
    w.refused("unknown_relationship", lambda s: w.ledger.execute(s, hobby, actor="x"), "C-N", "C-Z")
    # What they took in under an id or a reference is unknown to us; what they hold is free for us.
    one = w.ledger.execute(
        "C-2", bought("N-1"), actor="x", command_id="order-n", source=Source("till", "N-1", "1")
    )
    assert not one.duplicate
    card = w.ledger.execute("C-2", RecordIdentifier(scheme="till", value="CARD-N"), actor="x")
    w.outcome(lambda: [one, card])
    # And what both took in under one id is told apart.
    again = w.ledger.execute(
        "C-1",
        RecordPurchase(receipt="A-2", paid=Money("100.10", "CNY")),
        actor="Nanfang-clerk",
        command_id="order-2",
    )
    assert again.duplicate
    w.outcome(lambda: again)
    theirs = RecordPurchase(receipt="A-2", paid=Money("7319.37", "CNY"))
    w.hand_over("7319.37")
    said = w.outcome(lambda: w.ledger.execute("C-1", theirs, actor="x", command_id="order-2"))
    assert said.startswith("command_conflict")


@on_ledger("find")
def _(w: World) -> None:
    assert w.alike(w.ledger.find, w.stream) == "None"
    assert w.alike(w.ledger.find, "C-N", "C-Z") == "None"
    assert w.ledger.find("C-1") != w.foreign.find("C-1")


@on_ledger("find_all")
def _(w: World) -> None:
    assert w.alike(lambda s: w.ledger.find_all([s, "C-N", "C-9"]), w.stream) == ""


@on_ledger("find_by")
def _(w: World) -> None:
    assert w.foreign.find_by("core.identifier.till", "CARDN")
    assert w.ledger.find_by("core.identifier.till", "CARD1") == [w.ledger.find("C-1")]
    w.alike(lambda v: w.ledger.find_by("core.identifier.till", v), "CARD1", "CARD1")


@on_ledger("history")
def _(w: World) -> None:
    w.refused("unknown_relationship", w.ledger.history, w.stream)
    w.refused("unknown_relationship", w.ledger.history, "C-N", "C-Z")


@on_ledger("whole_view")
def _(w: World) -> None:
    w.outcome(lambda: w.ledger.whole_view("C-1"))
    w.refused("unknown_relationship", w.ledger.whole_view, w.stream)
    w.refused("unknown_relationship", w.ledger.whole_view, "C-N", "C-Z")


@on_ledger("follow")
def _(w: World) -> None:
    stop = threading.Event()
    roles = list[str]()

    def told(state: FollowState) -> None:
        roles.append(state.role)
        if state.role == "leading" and state.position >= w.ledger.store.last_position():
            stop.set()

    w.ledger.follow(stop, told)
    assert set(roles) == {"leading"}


@on_ledger("subscribe")
def _(w: World) -> None:
    own = [e.position for e in w.ledger.store.page(0, 10_000)]
    with w.ledger.subscribe(0) as events:
        w.outcome(lambda: [next(events) for _ in own])


@on_ledger("judge")
def _(w: World) -> None:
    w.outcome(lambda: vars(w.ledger.judge()))


@on_ledger("link")
def _(w: World) -> None:
    def link(one: str, other: str) -> Any:
        return w.ledger.link(one, other, mode="whole", link_type="merge", actor="x", reason="x")

    w.refused("unknown_relationship", lambda s: link("C-3", s), w.stream)
    w.refused("unknown_relationship", lambda s: link(s, "C-3"), w.stream)
    w.refused("unknown_relationship", lambda s: link(s, s), w.stream)


@on_ledger("linked")
def _(w: World) -> None:
    stream = w.stream
    rows = w.foreign.store.fold_rows(stream)
    assert w.foreign.linked(stream, rows)
    w.hand_over(w.foreign.find("C-2"))
    assert "Beifang" not in w.outcome(w.ledger.linked, stream, rows)
    w.outcome(w.ledger.linked, w.ledger.find("C-1"), w.ledger.store.fold_rows(w.ledger.find("C-1") or ""))


@on_ledger("log")
def _(w: World) -> None:
    with pytest.deprecated_call():
        section = w.ledger.log["1,100"]
    own = {e.position for e in w.ledger.store.page(0, 10_000)}
    assert {item.id for item in section.items} <= own
    w.outcome(lambda: [item.state for item in section.items])


@on_ledger("notification_log")
def _(w: World) -> None:
    found = w.ledger.notification_log.select(w.position, 10)
    assert found[0].id > w.position
    w.outcome(lambda: [n.state for n in found])


@on_ledger("notify")
def _(w: World) -> None:
    w.outcome(w.ledger.notify, [])


@on_ledger("publications")
def _(w: World) -> None:
    assert [p.version for p in w.foreign.publications("retail.points")] == [1, 2, 3]
    w.outcome(w.ledger.publications, "retail.points")
    assert w.ledger.publications("retail.points")[0].version == 1


@on_ledger("publish")
def _(w: World) -> None:
    rules, at = PointsRules(months=8), NOW + timedelta(days=300)
    w.outcome(lambda: w.ledger.publish(rules, effective_from=at, by="x", approved_by="y", dry=True))
    w.outcome(lambda: w.ledger.publish(rules, effective_from=at, by="x", approved_by="y"))
    assert len(w.foreign.publications("retail.points")) == 3


@on_ledger("rederive")
def _(w: World) -> None:
    w.refused("unknown_relationship", lambda s: w.ledger.rederive(subjects=[s]), w.stream)
    w.outcome(lambda: w.ledger.rederive(reports=["retail.customers"]))


@on_ledger("relationship")
def _(w: World) -> None:
    w.refused("unknown_relationship", w.ledger.relationship, w.stream)
    w.outcome(w.ledger.relationship, w.ledger.find("C-1"))


@on_ledger("report")
def _(w: World) -> None:
    for name in w.ledger.reporting.reports:
        w.outcome(w.ledger.report, name)
        w.outcome(lambda name=name: w.ledger.report(name, as_of="2025-05-01"))
        w.outcome(lambda name=name: w.ledger.report(name, as_known=w.position))
    assert len(w.ledger.report("core.files").rows) < len(w.foreign.report("core.files").rows) + 1
    w.alike(lambda p: w.ledger.report("core.files", as_known=p), w.ahead, 10**9)


@on_ledger("repository")
def _(w: World) -> None:
    w.refused("unknown_relationship", w.ledger.repository.get, w.stream)
    assert w.alike(lambda s: s in w.ledger.repository, w.stream) == "False"


@on_ledger("rule_book")
def _(w: World) -> None:
    w.outcome(lambda: vars(w.ledger.rule_book()))


@on_ledger("run")
def _(w: World) -> None:
    w.refused("unknown_run", lambda r: w.ledger.run(RUN, actor="x", supersedes=r), f"{RUN}-2", f"{RUN}-77")
    view = w.ledger.run("retail.rfm", actor="x")
    assert view.population <= 4
    w.outcome(lambda: view)


@on_ledger("run_each")
def _(w: World) -> None:
    (view,) = w.ledger.run_each("retail.rfm", [{}], actor="x")
    assert view.population <= 4
    w.outcome(lambda: view)


@on_ledger("save")
def _(w: World) -> None:
    w.outcome(w.ledger.save)


@on_ledger("sealing")
def _(w: World) -> None:
    sealed = w.sealed
    assert w.foreign.sealing.unseal(f"{w.stream}/1#name", sealed).startswith("Beifang")
    assert w.alike(lambda text: w.ledger.sealing.unseal(f"{w.stream}/1#name", text), sealed, "~s1.0000.AAAA")


@on_ledger("as_actor")
def _(w: World) -> None:
    w.outcome(lambda: w.ledger.as_actor("x").search(limit=10_000))
    w.refused("unknown_relationship", lambda name: w.ledger.as_actor("x").history(name), w.stream, NOWHERE)


@on_ledger("due_items")
def _(w: World) -> None:
    w.outcome(w.ledger.due_items)
    w.outcome(lambda: w.ledger.due_items(as_of=NOW))
    w.refused("unknown_relationship", lambda name: w.ledger.due_items(customer=name), w.stream, NOWHERE)
    assert w.alike(lambda person: w.ledger.due_items(person=person), "Beifang-clerk", "nobody") == ""


@on_ledger("search")
def _(w: World) -> None:
    w.outcome(lambda: w.ledger.search(limit=10_000))
    assert w.alike(lambda actor: w.ledger.search(actor=actor), "Beifang-clerk", "nobody") == ""
    assert w.alike(lambda section: w.ledger.search(section=section), "Beifang", "nowhere") == ""
    own = [e for e in w.ledger.store.page(0, 10_000) if e.batch == "till-1"]
    assert len(w.ledger.search(batch="till-1")) == len(own) > 0
    w.outcome(lambda: w.ledger.search(after=w.position))


@on_ledger("seen_from")
def _(w: World) -> None:
    hobby = RecordProfileFact(field_name="hobby", value="chess")
    with w.ledger.store.engine.connect() as connection, connection.begin() as transaction:  # type: ignore[attr-defined]
        with w.ledger.seen_from(connection) as bound:
            w.refused("unknown_relationship", lambda s: bound.execute(s, hobby, actor="x"), w.stream)
            w.outcome(lambda: bound.execute("C-2", hobby, actor="x"))
        transaction.rollback()


@on_ledger("source")
def _(w: World) -> None:
    source = w.ledger.source()
    page = w.ledger.store.passing(0, 10_000)  # type: ignore[attr-defined]
    w.outcome(source.extend_or_remake, page)
    w.outcome(
        source.knowledge, page, lambda streams: w.ledger.store.fold_rows_of(streams), {"core.file_opened"}
    )


@on_ledger("stale")
def _(w: World) -> None:
    heads = w.ledger.store.streams(None)
    assert not [h for h in heads if w.ledger.stale(h, Cut())]


@on_ledger("take_in")
def _(w: World) -> None:
    def tell(subject: str, **more: Any) -> Any:
        return w.ledger.take_in(
            [Telling(subject, bought("T-1"), "x", occurred_at=NOW, batch="till-1", **more)]
        )

    till = Source("till", "N-1", "1")
    w.alike(lambda s: tell(s, command_id="take-1"), w.stream)
    w.alike(lambda s: tell(s, source=till), "C-N", "C-Z")
    assert tell("C-3", source=till)[0].status == "accepted"


@on_ledger("take_snapshot")
def _(w: World) -> None:
    with pytest.raises(AssertionError):
        w.ledger.take_snapshot(w.stream)


@on_ledger("unlink")
def _(w: World) -> None:
    w.refused("unknown_relationship", lambda s: w.ledger.unlink(s, "C-2", actor="x", reason="x"), w.stream)
    w.refused("unknown_relationship", lambda s: w.ledger.unlink("C-1", s, actor="x", reason="x"), w.stream)


@on_ledger("void")
def _(w: World) -> None:
    w.refused("unknown_entry", lambda e: w.ledger.void(e, actor="x", reason="x"), w.entry, f"{NOWHERE}/2")
    head = w.foreign.store.heads([w.stream])[w.stream]
    past = f"{w.stream}/{head.version + 1}"
    w.refused("unknown_entry", lambda e: w.ledger.void(e, actor="x", reason="x"), past, f"{NOWHERE}/2")


@on_ledger("what_if")
def _(w: World) -> None:
    supposed = Supposed(PointsRules, {"months": 1})
    w.refused("unknown_relationship", lambda s: w.ledger.what_if(supposed, subjects=[s]), w.stream)
    w.outcome(lambda: w.ledger.what_if(supposed, report="retail.customers"))
    w.alike(lambda p: w.ledger.what_if(supposed, as_known=p), w.ahead, 10**9)


@on_ledger("withdraw_rules")
def _(w: World) -> None:
    def withdraw(version: int, name: str = "retail.lapse") -> None:
        w.ledger.withdraw_rules(name, version, by="x", approved_by="y", reason="x")

    assert w.foreign.publications("retail.lapse")
    w.refused("unknown", withdraw, 1, 77)
    at = NOW + timedelta(days=500)
    number = w.ledger.publish(PointsRules(months=11), effective_from=at, by="x", approved_by="y")
    withdraw(number, "retail.points")


TABLES = (on_ledger,)


@pytest.mark.parametrize("cases", TABLES, ids=str)
def test_each_public_call_has_a_case(cases: Cases) -> None:
    cases.check()


@pytest.mark.parametrize("case", [p for cases in TABLES for p in cases.parameters()])
def test_a_call_neither_shows_nor_changes_what_is_the_other_tenants(world: World, case: Case) -> None:
    attempt(world, case)


def test_a_history_of_a_foreign_stream_is_refused_before_anything_is_asked_of_it(world: World) -> None:
    world.given.clear()
    world.refused("unknown_relationship", lambda stream: History(world.ledger, stream), world.stream)


def test_each_tenants_log_is_verified_alone(world: World) -> None:
    world.given.clear()
    ours = verify(world.ledger.store)
    assert ours.clean
    assert ours.entries == world.own()
    assert ours.streams == world.own("heads")
    world.outcome(lambda: ours)


def test_a_fault_in_one_tenants_log_is_found_there_and_shows_in_no_other(url: str, world: World) -> None:
    with world.foreign.store.database.connected() as connection, connection.begin() as transaction:  # type: ignore[attr-defined]
        connection.exec_driver_sql(
            "UPDATE guanxi_entries SET actor = 'me' WHERE tenant = 'north' AND version = 1"
        )
        transaction.commit()
    try:
        assert verify(world.ledger.store).clean
        assert {f.code for f in verify(world.foreign.store).faults} == {"altered"}
    finally:
        world.foreign.close()
