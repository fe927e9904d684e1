"""Following inside a program: it ends between two pages, several share the work without doubling it, and what waiting can't mend is raised."""

from __future__ import annotations

import threading
from typing import Any

import pytest
import sqlalchemy as sa

import guanxi
from guanxi import OpenFile, StoreError, Unavailable
from guanxi.kernel.following import FollowState
from guanxi_adapters.sql import SqlStore, open_store
from guanxi_adapters.sql.projector import SqlProjector
from tests.adapters.sql.elsewhere import eventually
from tests.adapters.sql.samples import PlainSource, batch, growth, sums


class Follower:
    """A thread that follows with a projector, and the states it told."""

    def __init__(self, projector: Any) -> None:
        self.stop, self.states = threading.Event(), list[FollowState]()
        self.failed: BaseException | None = None
        self.thread = threading.Thread(target=self._run, args=(projector,), daemon=True)
        self.thread.start()

    def _run(self, projector: Any) -> None:
        try:
            projector.follow(self.stop, self.states.append)
        except BaseException as error:  # noqa: BLE001 - shown to the test
            self.failed = error

    @property
    def last(self) -> FollowState:
        return self.states[-1] if self.states else FollowState("standing_by", 0, 0)

    def end(self) -> None:
        self.stop.set()
        self.thread.join(20)
        assert not self.thread.is_alive()
        assert self.failed is None, self.failed


def filled(store: SqlStore, count: int) -> SqlStore:
    store.append(batch(*[growth(f"s{n:04}", 0) for n in range(count)]))
    return store


def test_it_ends_between_two_pages_and_is_carried_on(store: SqlStore) -> None:
    filled(store, 60)
    stop, states = threading.Event(), list[FollowState]()

    def told(state: FollowState) -> None:
        states.append(state)
        if state.position >= 20:
            stop.set()

    projector = SqlProjector(store, [sums()], PlainSource(), page=10)
    projector.follow(stop, told)
    assert 20 <= projector.standing()[0] < 60
    assert (states[0].role, states[0].lag > 0) == ("leading", True)
    assert projector.followers() == []
    again = Follower(SqlProjector(store, [sums()], PlainSource(), page=10))
    assert eventually(lambda: again.last.position == 60)
    again.end()
    with store.projector([sums()], PlainSource()).reader() as reader:
        assert {row.count for _, row in reader.rows(sums())} == {1}


def test_one_of_several_does_the_work_and_each_says_who(shared_url: str) -> None:
    stores = [open_store(shared_url) for _ in range(3)]
    sources = [PlainSource() for _ in stores]
    followers = [
        Follower(SqlProjector(s, [sums()], source)) for s, source in zip(stores, sources, strict=True)
    ]
    assert eventually(
        lambda: sorted(f.last.role for f in followers) == ["leading", "standing_by", "standing_by"]
    )
    filled(stores[0], 30)
    assert eventually(lambda: all(f.last.position == stores[0].last_position() for f in followers))
    assert len([source for source in sources if source.pages]) == 1
    assert len({f.last.leader for f in followers}) == 1
    assert [f.leads for f in stores[1].projector([sums()], PlainSource()).followers()] == [True, False, False]
    for follower in followers:
        follower.end()
    for each in stores:
        each.close()


def test_tenants_have_leaders_of_their_own(shared_url: str) -> None:
    stores = [open_store(shared_url, tenant=tenant) for tenant in ("north", "south")]
    followers = [Follower(SqlProjector(s, [sums()], PlainSource())) for s in stores]
    assert eventually(lambda: [f.last.role for f in followers] == ["leading", "leading"])
    stores[0].append(batch(growth("a", 0, tenant="north"), tenant="north"))
    assert eventually(lambda: followers[0].last.position == 1)
    assert followers[1].last.lag == 0
    for follower in followers:
        follower.end()
    for each in stores:
        each.close()


def test_what_waiting_cannot_mend_is_raised(store: SqlStore) -> None:
    with store.engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE guanxi_leases (something_else INTEGER)"))
    follower = Follower(SqlProjector(store, [sums()], PlainSource()))
    follower.thread.join(20)
    assert not follower.thread.is_alive()
    assert isinstance(follower.failed, StoreError)


def test_a_ledger_that_is_only_read_cannot_be_followed_with(sqlite_url: str) -> None:
    ledger = guanxi.open(sqlite_url)
    ledger.execute("C-1", OpenFile(name="李明"), actor="clerk")
    ledger.close()
    reading = guanxi.open(sqlite_url, read_only=True)
    with pytest.raises(Unavailable, match="database_read_only"):
        reading.follow(threading.Event())
    reading.close()
