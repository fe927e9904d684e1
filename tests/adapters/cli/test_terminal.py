"""A real terminal: colours, tables that fit its 80 columns, a bar while something is made anew."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import sys
import termios
from pathlib import Path

import pytest
from rich.cells import cell_len

GUANXI = str(Path(sys.executable).parent / "guanxi")
CONTROLS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07")


def on_a_terminal(*arguments: str, columns: int = 80, kind: str = "xterm-256color") -> tuple[int, str]:
    """Run the command on a terminal of that width; return its exit code and all that it wrote."""
    child, terminal = pty.fork()
    if child == 0:
        os.environ.update({"TERM": kind, "LC_ALL": "C.UTF-8"})
        os.environ.pop("COLUMNS", None)
        os.environ.pop("NO_COLOR", None)
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        os.execv(GUANXI, [GUANXI, *arguments])
    written = b""
    while True:
        try:
            chunk = os.read(terminal, 65_536)
        except OSError:
            break
        if not chunk:
            break
        written += chunk
    os.close(terminal)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), written.decode()


def lines(written: str) -> list[str]:
    """Return what stands on the screen, without colours."""
    return [line.rpartition("\r")[2] for line in CONTROLS.sub("", written).replace("\r\n", "\n").split("\n")]


@pytest.mark.parametrize(
    "arguments",
    [
        ["history", "C-1"],
        ["history", "C-1", "--diff", "2012-01-01", "2012-07-10", "--lang", "zh"],
        ["explain", "C-1", "retail.points", "--lang", "zh"],
        ["report", "core.files", "--lang", "zh"],
    ],
    ids=" ".join,
)
def test_no_line_is_wider_than_the_terminal(db: str, arguments: list[str]) -> None:
    code, written = on_a_terminal(*arguments, "--db", db)
    assert code == 0
    assert max(cell_len(line) for line in lines(written)) <= 80
    assert "\x1b[" in written


def test_a_wide_terminal_is_used(db: str) -> None:
    _, written = on_a_terminal("history", "C-1", "--db", db, columns=120)
    assert 80 < max(cell_len(line) for line in lines(written)) <= 120


def test_a_bar_appears_while_read_models_are_rebuilt(db: str) -> None:
    code, written = on_a_terminal("project", "rebuild", "--db", db)
    assert code == 0
    assert "rebuilding" in written
    assert "━" in written or "╸" in written
    assert "read models rebuilt" in lines(written)[-2]


def test_a_long_history_is_cut_to_its_last_entries(db: str) -> None:
    import guanxi
    from guanxi import RecordProfileFact

    ledger = guanxi.open(db)
    for n in range(50):
        ledger.execute("C-2", RecordProfileFact(field_name=f"f{n}", value="x"), actor="wang")
    ledger.close()
    _, written = on_a_terminal("history", "C-2", "--db", db)
    assert "11 earlier ones are not shown; --all shows them." in written


def test_a_terminal_that_can_do_nothing_gets_plain_text(db: str) -> None:
    code, written = on_a_terminal("verify", "--db", db, kind="dumb")
    assert code == 0
    assert "\x1b" not in written
