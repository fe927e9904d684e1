"""Incoming calls are answered in small; how long that took is nobody's test."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import __main__ as command_line


@pytest.mark.parametrize("how", [(), ("--enforced",)])
def test_calls_are_answered_at_each_size_and_the_figures_written_down(
    how: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "calls.json"
    asked = (
        "calls",
        "--customers",
        "20",
        "40",
        "--calls",
        "3",
        "--folder",
        str(tmp_path),
        "--json",
        str(kept),
    )
    assert command_line.main([*asked, *how]) == 0
    told = json.loads(kept.read_text(encoding="utf-8"))
    assert told["enforced"] == bool(how)
    assert [size["customers"] for size in told["sizes"]] == [20, 40]
    assert all(0 < size["wall_p50"] <= size["wall_p99"] for size in told["sizes"])
    heading, *lines = capsys.readouterr().out.splitlines()
    assert heading.split()[0] == "customers"
    assert [line.split()[0] for line in lines] == ["20", "40"]
    assert [file.name for file in tmp_path.iterdir()] == ["calls.json"]


def test_no_files_or_calls_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        command_line.main(["calls", "--customers", "0"])
    assert "at least 1" in capsys.readouterr().err
