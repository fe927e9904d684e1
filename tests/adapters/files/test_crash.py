"""An import that is killed at any moment is completed by running it again: nothing is lost, nothing is there twice."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
from decimal import Decimal
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

import guanxi
from guanxi import verify
from guanxi_adapters.files import import_file, load_mapping
from tests.adapters.files.conftest import CDNOW, facts, points, spent

ROUNDS = 20


def _import(url: str, told: Connection) -> None:
    ledger = guanxi.open(url, zone="America/New_York")
    told.send("begun")
    report = import_file(
        ledger,
        CDNOW / "CDNOW_sample.txt",
        load_mapping(CDNOW / "sample.toml"),
        actor="clerk",
        reason="history",
        batch_size=40,
    )
    told.send(report.as_json())
    ledger.close()


@pytest.mark.timeout(300)
def test_an_import_killed_twenty_times_is_completed_by_the_next_run(tmp_path: Path) -> None:
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["guanxi", "guanxi_adapters.files", "guanxi_retail"])
    chance, killed, ledgers = random.Random(11), 0, 1
    url = f"sqlite:///{tmp_path / 'ledger-1.db'}"
    while killed < ROUNDS:
        mine, theirs = processes.Pipe(duplex=False)
        child = processes.Process(target=_import, args=(url, theirs))
        child.start()
        theirs.close()
        assert mine.recv() == "begun"
        child.join(chance.uniform(0.0, 0.9))
        if child.exitcode is None and child.pid is not None:
            os.kill(child.pid, signal.SIGKILL)
            child.join()
            killed += 1
        else:
            # It was through before its turn came: the next moments are looked for in a ledger that has all before it.
            assert child.exitcode == 0
            ledgers += 1
            url = f"sqlite:///{tmp_path / f'ledger-{ledgers}.db'}"
    ledger = guanxi.open(url)
    report = import_file(
        ledger,
        CDNOW / "CDNOW_sample.txt",
        load_mapping(CDNOW / "sample.toml"),
        actor="clerk",
        reason="history",
    )
    assert report.accepted + report.known == 6_919
    assert (len(facts(ledger)), spent(ledger)) == (6_919, Decimal("244091.94"))
    assert len({(e.source_document, e.source_line) for e in facts(ledger)}) == 6_919
    assert len(facts(ledger, "core.file_opened")) == 2_357
    assert points(ledger, "1998-07-01T03:59:59.999999Z") == (142_872, 96_572)
    assert verify(ledger.store).faults == ()
    brought = facts(ledger)
    for batch in {e.batch for e in brought}:
        assert len({e.recorded_at for e in brought if e.batch == batch}) == 1
    assert facts(ledger, "core.breach_recorded") == []
    ledger.close()
