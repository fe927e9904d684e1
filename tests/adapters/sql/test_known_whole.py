"""A report as known at a moment waits for what had begun by then, and contains it whenever it is made again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

import guanxi
from guanxi import Ledger, OpenFile, Unavailable
from guanxi.kernel import reporting
from guanxi.relationship.governance.issuing import issue, reissue

pytestmark = pytest.mark.postgres


@pytest.fixture
def ledger(postgres_url: str) -> Iterator[Ledger]:
    opened = guanxi.open(postgres_url, plugins=[])
    opened.execute("C-1", OpenFile(name="first"), actor="clerk")
    yield opened
    opened.close()


@pytest.mark.rule("CORE-76b")
def test_an_entry_begun_before_the_moment_is_waited_for_and_stands_in_every_re_issue(ledger: Ledger) -> None:
    asked = threading.Event()

    def report(moment: datetime) -> list[str]:
        asked.set()
        made = issue(ledger, "I-1", "core.files", actor="clerk", as_known=moment)
        return [str(row[0]) for row in made.rows]

    with ThreadPoolExecutor(1) as pool, ledger.store.engine.connect() as connection, connection.begin():
        ledger.execute("C-2", OpenFile(name="second"), actor="clerk", connection=connection)
        moment = ledger.clock()
        waiting = pool.submit(report, moment)
        asked.wait()
        with pytest.raises(TimeoutError):
            waiting.result(timeout=0.5)
        connection.commit()
        assert sorted(waiting.result(timeout=20)) == ["C-1", "C-2"]
    ledger.execute("C-3", OpenFile(name="third"), actor="clerk")
    for _ in range(2):
        again = reissue(ledger, "I-1")
        assert (again.same, again.differences) == (True, ())
        assert sorted(str(row[0]) for row in again.result.rows) == ["C-1", "C-2"]


@pytest.mark.rule("CORE-76")
def test_what_began_later_is_not_waited_for_and_what_never_ends_is_said(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reporting, "_PATIENCE", 0.2)
    now = ledger.clock()
    with ledger.store.engine.connect() as connection, connection.begin():
        ledger.execute("C-2", OpenFile(name="second"), actor="clerk", connection=connection)
        long_ago = now - timedelta(hours=1)
        assert ledger.report("core.files", as_known=long_ago).rows == ()
        with pytest.raises(Unavailable, match="append_in_flight"):
            ledger.report("core.files", as_known=ledger.clock())
        connection.rollback()
    assert [row[0] for row in ledger.report("core.files", as_known=ledger.clock()).rows] == ["C-1"]
