"""The habits of a command: options anywhere, pipes without colours, one line per error, quick to start. Real processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.adapters.cli.conftest import Ran

GUANXI = str(Path(sys.executable).parent / "guanxi")
Shop = Callable[..., Ran]


def process(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("GUANXI", "LC_", "LANG", "COLUMNS"))}
    return subprocess.run(
        [GUANXI, *arguments],
        env={**clean, "LC_ALL": "C.UTF-8", **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("asked", ["--version", "--help"])
def test_the_library_is_not_imported_for_version_or_help(asked: str) -> None:
    code = (
        "import sys; from guanxi_adapters.cli import main\n"
        f"try: main([{asked!r}])\n"
        "finally: sys.exit('guanxi' in sys.modules or 'sqlalchemy' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60, check=False)
    assert ran.stdout.strip()
    assert ran.returncode == 0


def test_shared_options_stand_before_or_after_the_command(run: Shop, db: str) -> None:
    before = run("--db", db, "--lang", "zh", "history", "C-2")
    after = run("history", "C-2", "--lang", "zh", "--db", db)
    assert before == after
    assert "上海百货有限公司" in before.out


def test_the_option_nearest_to_the_command_counts(run: Shop, db: str) -> None:
    assert run("--db", "sqlite:///nowhere.db", "history", "C-2", "--db", db).code == 0


def test_the_environment_names_the_ledger(run: Shop, db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUANXI_DB", db)
    assert run("history", "C-2").code == 0


def test_a_pipe_gets_every_entry_without_colours_bars_or_blanks(db: str) -> None:
    for arguments in (["history", "C-1"], ["project", "rebuild"]):
        ran = process(*arguments, "--db", db)
        assert ran.returncode == 0
        assert "\x1b" not in ran.stdout
        assert "not shown" not in ran.stdout
        assert ran.stderr == ""
        assert not any(line.endswith(" ") for line in ran.stdout.splitlines())


def test_answers_in_json_can_be_read(shop: Shop) -> None:
    for arguments in (
        ["history", "C-1"],
        ["explain", "C-1", "points.balance"],
        ["reports"],
        ["plugins"],
        ["verify"],
    ):
        assert shop(*arguments, "--json").json()


def test_whoever_reads_only_the_first_lines_is_not_answered_with_errors(db: str) -> None:
    command = f"'{GUANXI}' history C-1 --db '{db}' | head -n 1"
    ran = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60, check=False)
    assert ran.stdout.count("\n") == 1
    assert ran.stderr == ""


def test_a_closed_pipe_is_silent(db: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    ran = subprocess.run(
        [GUANXI, "history", "C-1", "--json", "--db", db],
        stdout=writing,
        stderr=subprocess.PIPE,
        timeout=60,
        check=False,
    )
    os.close(writing)
    assert ran.stderr == b""


def test_an_interruption_is_clean(tmp_path: Path, db: str) -> None:
    code = (
        "import signal, sys, guanxi\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a suite begun in the background has it ignored
        "from guanxi_adapters.cli import main\n"
        "def wait(*_, **__):\n"
        "    import time; print('ready', flush=True); time.sleep(30)\n"
        "guanxi.verify = wait\n"
        f"sys.exit(main(['verify', '--db', {db!r}]))\n"
    )
    running = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert running.stdout is not None
    assert running.stdout.readline() == "ready\n"
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=30)
    assert running.returncode == 130
    assert "Traceback" not in err


def test_nothing_given_is_answered_with_help(run: Shop) -> None:
    ran = run()
    assert ran.code == 0
    assert "Usage: guanxi" in ran.out
    assert run("project").code == 0


def test_wrong_usage_is_one_line_and_code_2(run: Shop) -> None:
    for arguments in (
        ["histo"],
        ["history"],
        ["history", "C-1", "--nothing"],
        ["history", "C-1", "--limit", "x"],
    ):
        ran = run(*arguments)
        assert ran.code == 2
        assert ran.out == ""
        assert ran.err.startswith("usage: ")
        assert ran.err.count("\n") == 1


def test_an_unexpected_error_is_one_line_unless_debug_is_given(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr("guanxi.verify", broken)
    ran = shop("verify")
    assert ran.code == 1
    assert ran.err == "error: unexpected RuntimeError: boom (--debug shows where)\n"
    with pytest.raises(RuntimeError):
        shop("verify", "--debug")


def test_a_password_is_never_shown() -> None:
    from guanxi_adapters.cli.opening import plain_url

    assert plain_url("postgresql+psycopg://ann:secret@host/db") == "postgresql+psycopg://ann@host/db"
    assert plain_url("sqlite:///shop.db") == "sqlite:///shop.db"


def test_every_command_explains_itself(run: Shop) -> None:
    for path in (
        "init",
        "import",
        "execute",
        "correct",
        "void",
        "advance",
        "commands",
        "history",
        "explain",
        "report",
        "reports",
        "project",
        "project status",
        "project rebuild",
        "verify",
        "plugins",
    ):
        ran = run(*path.split(), "--help")
        assert ran.code == 0
        assert f"guanxi {path}" in ran.out
        assert path.startswith("project") or "--db" in ran.out
