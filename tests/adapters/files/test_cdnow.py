"""The CDNOW files give the totals that are known of them, however often and in whatever order they are read."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest

from guanxi import Ledger, verify
from guanxi_adapters.files import ImportReport, Mapping, import_file, load_mapping
from guanxi_retail.points.points import Points
from tests.adapters.files.conftest import CDNOW, events, facts, opened, points, spent

JUNE_END = "1998-07-01T03:59:59.999999Z"
SAMPLE, MASTER = CDNOW / "CDNOW_sample.txt", CDNOW / "CDNOW_master.txt"


def bring(ledger: Ledger, path: Path, mapping: Mapping, **options: Any) -> ImportReport:
    return import_file(ledger, path, mapping, actor="clerk", reason="history", **options)


def days(ledger: Ledger) -> Counter[tuple[str, str]]:
    return Counter((e.stream, e.occurred_at) for e in facts(ledger))


def quarters(ledger: Ledger) -> tuple[list[int], list[Decimal]]:
    """Lines and dollars by quarter: the shop's day begins four or five hours into the UTC day."""
    lines: Counter[tuple[str, int]] = Counter()
    dollars: Counter[Any] = Counter()
    for entry, event in zip(facts(ledger), events(ledger), strict=True):
        quarter = (entry.occurred_at[:4], (int(entry.occurred_at[5:7]) - 1) // 3)
        lines[quarter] += 1
        dollars[quarter] += event.paid.amount
    return [lines[q] for q in sorted(lines)], [dollars[q] for q in sorted(dollars)]


@pytest.fixture(scope="module")
def with_sample() -> Iterator[tuple[Ledger, ImportReport]]:
    ledger = opened("sqlite://")
    yield ledger, bring(ledger, SAMPLE, load_mapping(CDNOW / "sample.toml"))
    ledger.close()


@pytest.mark.rule(
    "RET-59f", "RET-59g", "RET-59h", "RET-59i", "RET-59k", "RET-59l", "RET-59m", "RET-59n", "RET-59o"
)
@pytest.mark.rule("RET-59p")
def test_the_sample_s_totals_are_the_published_ones(with_sample: tuple[Ledger, ImportReport]) -> None:
    ledger, report = with_sample
    assert (report.accepted, report.opened, report.flagged, report.ok) == (6_919, 2_357, 0, True)
    assert report.value == {"USD": Decimal("244091.94")}
    bought, entries = events(ledger), facts(ledger)
    assert (len(bought), len({e.stream for e in entries})) == (6_919, 2_357)
    assert sum(e.quantity for e in bought) == 16_479
    assert spent(ledger) == Decimal("244091.94")
    content = Counter(
        (x.stream, x.occurred_at, e.quantity, e.paid) for x, e in zip(entries, bought, strict=True)
    )
    assert sum(content.values()) - len(content) == 21
    assert (len(days(ledger)), 6_919 - len(days(ledger))) == (6_696, 223)
    assert sum(e.paid.amount == 0 for e in bought) == 8
    assert quarters(ledger) == (
        [3_267, 937, 756, 768, 678, 513],
        [Decimal(v) for v in ("112498.61", "33629.63", "26987.31", "28109.27", "24886.58", "17980.54")],
    )
    occasions = Counter(stream for stream, _ in days(ledger))
    assert sum(n == 1 for n in occasions.values()) == 1_218
    assert sum(e.points for e in events(ledger, "retail.points_earned")) == 239_444
    assert verify(ledger.store).faults == ()


@pytest.mark.rule("RET-59a", "RET-59q")
def test_the_sample_s_points_lapse_by_their_own_days_in_one_batch(
    with_sample: tuple[Ledger, ImportReport],
) -> None:
    ledger, _ = with_sample
    assert points(ledger, JUNE_END) == (142_872, 96_572)
    assert points(ledger, "2012-03-01T23:59:59.999999Z") == (239_444, 0)
    asked = [f"{n:05}" for n in range(4, 400) if ledger.find(f"{n:05}")]
    for name in asked:
        history = ledger.history(name)
        then, today = history.as_of("1998-06-30").state(Points), history.state(Points)
        assert (today.active, today.expired) == (0, then.active + then.expired)
        assert history.as_known("2012-02-29").state(Points).lots == {}
    assert ledger.store.position_known_at("2012-02-29T23:59:59.999999Z") == 0


@pytest.mark.rule("RET-59b")
def test_two_batches_show_what_was_known_between_them(tmp_path: Path, sample: Mapping) -> None:
    ledger = opened("sqlite://")
    lines = SAMPLE.read_bytes().splitlines(keepends=True)
    first = [x for x in lines if x.split()[2].startswith(b"1997")]
    path = tmp_path / "part.txt"
    path.write_bytes(b"".join(first))
    assert bring(ledger, path, sample).accepted == len(first) == 5_728
    between = ledger.store.last_position()
    assert points(ledger, JUNE_END) == (142_872, 54_521)
    ledger.clock = lambda: datetime(2012, 3, 2, 10, tzinfo=UTC)  # type: ignore[method-assign,assignment]
    whole = bring(ledger, SAMPLE, sample)
    assert (whole.accepted, whole.known) == (1_191, 5_728)
    assert ledger.store.last_position() > between
    expired = active = was_active = 0
    for head in _customers(ledger):
        history = ledger.history(head)
        then = history.as_of("1998-06-30").state(Points)
        expired, active = expired + then.expired, active + then.active
        was_active += history.as_of("1998-06-30").as_known("2012-03-01").state(Points).active
    assert (expired, active, was_active) == (142_872, 96_572, 54_521)
    ledger.close()


def _customers(ledger: Ledger) -> list[str]:
    found, after = [], ""
    while heads := ledger.store.streams("customer", after):
        after = heads[-1].stream
        found += [h.stream for h in heads]
    return found


@pytest.mark.rule("RET-59d")
def test_one_of_the_sample_s_lines_with_three_decimals_is_named(tmp_path: Path, sample: Mapping) -> None:
    lines = SAMPLE.read_bytes().splitlines()
    lines[1000] += b"5"
    path = tmp_path / "bad.txt"
    path.write_bytes(b"\r\n".join(lines) + b"\r\n")
    ledger = opened("sqlite://")
    nothing = bring(ledger, path, sample, all_or_nothing=True)
    assert (nothing.accepted, ledger.store.count()) == (0, 0)
    report = bring(ledger, path, sample)
    assert report.accepted == 6_918
    assert [(r.line, r.code) for r in report.refused] == [(1_001, "inexact_amount")]
    ledger.close()


@pytest.mark.rule("RET-06b", "RET-06e", "RET-59j")
def test_the_sample_read_again_in_another_order_or_as_another_source(tmp_path: Path, sample: Mapping) -> None:
    ledger = opened("sqlite://")
    shuffled = SAMPLE.read_bytes().splitlines(keepends=True)
    random.Random(7).shuffle(shuffled)
    path = tmp_path / "shuffled.txt"
    path.write_bytes(b"".join(shuffled))
    assert bring(ledger, path, sample).accepted == 6_919
    again = bring(ledger, SAMPLE, sample)
    assert (again.accepted, again.known, again.vanished) == (0, 6_919, 0)
    assert len(facts(ledger)) != 6_898
    other = attrs.evolve(sample, source=attrs.evolve(sample.source, name="cdnow-sample"))
    assert bring(ledger, SAMPLE, other).accepted == 6_919
    assert spent(ledger) == 2 * Decimal("244091.94")
    ledger.close()


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.rule("RET-06b", "RET-06e", "RET-59f", "RET-59g", "RET-59h", "RET-59i", "RET-59k", "RET-59l")
@pytest.mark.rule("RET-59m", "RET-59n", "RET-59o", "RET-59p", "RET-59q", "RET-59j")
def test_the_master_file_gives_the_published_totals_once_and_for_ever(
    sqlite_url: str, tmp_path: Path, sample: Mapping
) -> None:
    ledger, mapping = opened(sqlite_url), load_mapping(CDNOW / "master.toml")
    report = bring(ledger, MASTER, mapping)
    assert (report.accepted, report.opened, report.flagged, report.ok) == (69_659, 23_570, 0, True)
    bought, entries = events(ledger), facts(ledger)
    assert (len(bought), len({e.stream for e in entries})) == (69_659, 23_570)
    assert sum(e.quantity for e in bought) == 167_881
    assert spent(ledger) == Decimal("2500315.63")
    content = Counter(
        (x.stream, x.occurred_at, e.quantity, e.paid) for x, e in zip(entries, bought, strict=True)
    )
    assert sum(content.values()) - len(content) == 255
    assert max(content.values()) == 9
    assert (len(days(ledger)), 69_659 - len(days(ledger))) == (67_591, 2_068)
    assert sum(e.paid.amount == 0 for e in bought) == 80
    assert quarters(ledger) == (
        [31_798, 9_730, 7_558, 7_816, 6_851, 5_906],
        [Decimal(v) for v in ("1071805.47", "359153.66", "292395.37", "300806.76", "262823.89", "213330.48")],
    )
    assert sum(n == 1 for n in Counter(stream for stream, _ in days(ledger)).values()) == 12_054
    assert sum(e.points for e in events(ledger, "retail.points_earned")) == 2_453_159
    assert points(ledger, JUNE_END) == (1_400_240, 1_052_919)

    again = bring(ledger, MASTER, mapping)
    assert (again.accepted, again.known, again.vanished) == (0, 69_659, 0)
    lines = MASTER.read_bytes().splitlines(keepends=True)
    body = lines[1:]
    random.Random(3).shuffle(body)
    path = tmp_path / "shuffled.txt"
    path.write_bytes(lines[0] + b"".join(body))
    another_order = bring(ledger, path, mapping)
    assert (another_order.accepted, another_order.known, another_order.vanished) == (0, 69_659, 0)
    part = bring(ledger, SAMPLE, sample)
    assert (part.accepted, part.known, part.vanished) == (0, 6_919, 62_740)
    wrongly = attrs.evolve(sample, source=attrs.evolve(sample.source, name="cdnow-sample"))
    assert bring(ledger, SAMPLE, wrongly).accepted == 6_919
    assert verify(ledger.store).faults == ()
    ledger.close()


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.rule("RET-06c", "RET-06d")
def test_the_master_file_that_grows_is_continued(sqlite_url: str, tmp_path: Path) -> None:
    ledger, mapping = opened(sqlite_url), load_mapping(CDNOW / "master.toml")
    lines = MASTER.read_bytes().splitlines(keepends=True)
    assert lines[1_381] == lines[1_382]
    path = tmp_path / "grows.txt"
    new = []
    for count, known in ((1_381, 0), (40_000, 1_381), (69_659, 40_000)):
        path.write_bytes(b"".join(lines[: count + 1]))
        report = bring(ledger, path, mapping)
        assert (report.known, report.vanished, report.flagged) == (known, 0, 0)
        new.append(report.accepted)
    assert new == [1_381, 38_619, 29_659]
    assert sum(new[1:]) == 68_278
    assert spent(ledger) == Decimal("2500315.63")
    ledger.close()
