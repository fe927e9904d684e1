"""Laws: however a growing file's readings are shuffled, cut short or repeated, the same purchases are on record."""

from __future__ import annotations

import random
import tempfile
from collections import Counter
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from guanxi_adapters.files import import_file
from tests.adapters.files.conftest import events, facts, mapped, opened

LINES = [f"C-{c},2012-01-0{d},{p}.00" for c in (1, 2) for d in (1, 2) for p in (5, 7)]
file_lines = st.lists(st.sampled_from(LINES), min_size=1, max_size=12)


@settings(max_examples=40, deadline=None)
@given(
    lines=file_lines,
    cuts=st.lists(st.integers(0, 12), max_size=4),
    seed=st.integers(0, 1000),
    size=st.integers(1, 3),
)
def test_any_order_of_any_readings_of_a_growing_file_gives_the_same_purchases(
    lines: list[str], cuts: list[int], seed: int, size: int
) -> None:
    ledger = opened("sqlite://")
    chance, taken = random.Random(seed), 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "grows.csv"
        for cut in (*cuts, len(lines)):
            reading = lines[:cut]
            chance.shuffle(reading)
            path.write_text("\n".join(["customer,day,paid", *reading]))
            report = import_file(ledger, path, mapped(), actor="a", reason="r", batch_size=size)
            assert report.accepted + report.known == len(reading)
            taken += report.accepted
    bought = Counter(
        (str(e.paid.amount), x.occurred_at[:10]) for e, x in zip(events(ledger), facts(ledger), strict=True)
    )
    day = {"2012-01-01": "2011-12-31", "2012-01-02": "2012-01-01"}
    assert bought == Counter((f"{x.split(',')[2]}", day[x.split(",")[1]]) for x in lines)
    assert taken == len(lines)
    assert len({e.receipt for e in events(ledger)}) == len(lines)
    ledger.close()
