"""Every command of the command line, tried with ``--tenant`` against another tenant of the same database."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
import typer.main

import guanxi
from guanxi_adapters.cli import main
from guanxi_adapters.cli.app import _all, app
from tests.adapters.tenants.calling import Case, Cases, attempt
from tests.adapters.tenants.world import NOWHERE, OURS, RUN, THEIRS, World

_WHOLE = "of the whole database, for whoever operates it, who sees the tables all the same"
_NO_LEDGER = "looks at plugins and files; opens no ledger"

ALL = {path for path, each in _all(typer.main.get_command(app)) if path and not hasattr(each, "commands")}
on_command = Cases(
    "cli",
    also=ALL,
    no_rows={
        **{name: _NO_LEDGER for name in ALL if name.startswith("plugins ") or name == "commands"},
        **dict.fromkeys(("backup", "restore", "upgrade", "tenants list", "tenants secure"), _WHOLE),
        "project follow": "what it does for as long as it runs has a case at the ledger's follow",
    },
)


@pytest.fixture(autouse=True)
def _plain(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("GUANXI_DB", "GUANXI_KEYS", "GUANXI_TENANT", "GUANXI_PLUGINS", "GUANXI_BLOCK"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GUANXI_ACTOR", "tester")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)


def told(w: World, *arguments: str) -> str:
    """Run a command as our tenant in both languages; return its exit code and what it says."""
    said = []
    for language in ("en", "zh"):
        out = io.StringIO()
        with redirect_stdout(out), redirect_stderr(out):
            code = main([*arguments, "--db", w.url, "--tenant", OURS, "--lang", language])
        said.append(f"{code}\n{out.getvalue()}")
    return "\n".join(said)


def asks(w: World, *arguments: str, code: int = 0) -> str:
    """Hold that a command ends with a code and says nothing of theirs."""
    said = w.outcome(told, w, *arguments)
    assert said.startswith(str(code)), said
    return said


def refuses(w: World, theirs: str, *arguments: str, nowhere: str = NOWHERE) -> None:
    """Hold that a command answers for an id of theirs, put in for ``{}``, as for one that nobody has."""
    said = w.alike(lambda name: told(w, *(a.format(name) for a in arguments)), theirs, nowhere)
    assert said.startswith("1"), said


@on_command("history")
def _(w: World) -> None:
    asks(w, "history", "C-1", "--all")
    asks(w, "history", "C-1", "--json", "--as-known", str(w.position))
    refuses(w, w.stream, "history", "{}")
    refuses(w, "C-N", "history", "{}", nowhere="C-Z")


@on_command("view")
def _(w: World) -> None:
    asks(w, "view", "C-1")
    asks(w, "view", "C-1", "--json", "--as-known", str(w.position))
    refuses(w, w.stream, "view", "{}")
    refuses(w, "C-N", "view", "{}", nowhere="C-Z")


@on_command("explain")
def _(w: World) -> None:
    asks(w, "explain", "C-1", "retail.points.balance")
    refuses(w, w.stream, "explain", "{}", "retail.points.balance")


@on_command("report")
def _(w: World) -> None:
    asks(w, "report", "retail.customers")
    asks(w, "report", "core.files", "--json", "--as-known", str(w.position))


@on_command("reports")
def _(w: World) -> None:
    asks(w, "reports")


@on_command("due")
def _(w: World) -> None:
    asks(w, "due", "--state", "all")
    asks(w, "due", "--customer", "C-1", "--state", "all", "--json")
    refuses(w, w.stream, "due", "--customer", "{}")
    w.alike(lambda name: told(w, "due", "--person", name), "Beifang-clerk", "nobody")


@on_command("search")
def _(w: World) -> None:
    asks(w, "search", "--limit", "1000")
    asks(w, "search", "--batch", "till-1", "--json")
    w.alike(lambda name: told(w, "search", "--by", name), "Beifang-clerk", "nobody")


@on_command("import")
def _(w: World) -> None:
    Path("till.csv").write_text("customer,day,paid\nC-1,2025-05-01,3.00\nC-N,2025-05-02,4.00\n", "utf-8")
    Path("till.toml").write_text(
        '[source]\nname = "till"\nkind = "unnumbered"\nformat = "csv"\nheader = 1\nzone = "Asia/Shanghai"\nprecision = "day"\n'
        '[[line]]\ncommand = "retail.record_purchase"\ncustomer = "customer"\noccurred_at = "day"\n'
        '[line.fields]\nreceipt = { generated = true }\npaid = { column = "paid", currency = "CNY" }\n',
        "utf-8",
    )
    asks(w, "import", "till.csv", "--mapping", "till.toml", "--reason", "the till's file")


@on_command("execute")
def _(w: World) -> None:
    asks(w, "execute", "C-1", "core.record_profile_fact", "field_name=hobby", "value=chess")
    refuses(w, w.stream, "execute", "{}", "core.record_profile_fact", "field_name=hobby", "value=chess")


@on_command("correct")
def _(w: World) -> None:
    refuses(w, w.entry, "correct", "{}", "quantity=9", "--reason", "x", nowhere=f"{NOWHERE}/2")


@on_command("void")
def _(w: World) -> None:
    refuses(w, w.entry, "void", "{}", "--reason", "x", nowhere=f"{NOWHERE}/2")


@on_command("init")
def _(w: World) -> None:
    asks(w, "init")


@on_command("verify")
def _(w: World) -> None:
    found = json.loads(asks(w, "verify", "--json").partition("\n")[2].partition("\n0\n")[0])
    assert found["entries"] == w.own()
    asks(w, "verify")


@on_command("advance")
def _(w: World) -> None:
    asks(w, "advance")


@on_command("whatif")
def _(w: World) -> None:
    Path("new.toml").write_text('["retail.points"]\nmonths = 1\n', "utf-8")
    asks(w, "whatif", "--rules", "new.toml", "--report", "retail.customers")
    refuses(w, w.stream, "whatif", "--rules", "new.toml", "--subject", "{}")


@on_command("check determinism")
def _(w: World) -> None:
    asks(w, "check", "determinism")
    refuses(w, w.stream, "check", "determinism", "--subject", "{}")


@on_command("runs list")
def _(w: World) -> None:
    asks(w, "runs", "list")
    asks(w, "runs", "list", "--json")


@on_command("runs show")
def _(w: World) -> None:
    asks(w, "runs", "show", f"{RUN}-1")
    refuses(w, f"{RUN}-2", "runs", "show", "{}", nowhere=f"{RUN}-77")


@on_command("runs start")
def _(w: World) -> None:
    asks(w, "runs", "start", "retail.rfm")
    refuses(w, f"{RUN}-2", "runs", "start", RUN, "--supersedes", "{}", nowhere=f"{RUN}-77")


@on_command("runs abandon")
def _(w: World) -> None:
    refuses(w, f"{RUN}-2", "runs", "abandon", "{}", "--reason", "x", nowhere=f"{RUN}-77")


@on_command("runs differ")
def _(w: World) -> None:
    w.outcome(told, w, "runs", "differ", f"{RUN}-1")
    refuses(w, f"{RUN}-2", "runs", "differ", "{}", nowhere=f"{RUN}-77")


@on_command("rules list")
def _(w: World) -> None:
    asks(w, "rules", "list")


@on_command("rules show")
def _(w: World) -> None:
    asks(w, "rules", "show", "retail.points", "--as-known", str(w.position))
    asks(w, "rules", "show", "retail.lapse")


@on_command("rules diff")
def _(w: World) -> None:
    asks(w, "rules", "diff", "retail.points", "1", "2")
    assert "unknown_version" in asks(w, "rules", "diff", "retail.lapse", "0", "1", code=1)


@on_command("rules template")
def _(w: World) -> None:
    asks(w, "rules", "template", "retail.points")


@on_command("rules publish")
def _(w: World) -> None:
    Path("new.toml").write_text('["retail.points"]\nmonths = 1\n', "utf-8")
    dated = ("--effective", "2099-01-01", "--by", "x", "--approved-by", "y")
    asks(w, "rules", "publish", "retail.points", "--from-file", "new.toml", *dated, "--dry-run")


@on_command("rules withdraw")
def _(w: World) -> None:
    signed = ("--by", "x", "--approved-by", "y", "--reason", "x")
    assert "unknown_version" in asks(w, "rules", "withdraw", "retail.lapse", "1", *signed, code=1)


@on_command("project status")
def _(w: World) -> None:
    asks(w, "project", "status", "--checksum")
    asks(w, "project", "status", "--json")


@on_command("project rebuild")
def _(w: World) -> None:
    asks(w, "project", "rebuild", "--compare")


@on_command("project check")
def _(w: World) -> None:
    asks(w, "project", "check", "core.files")


@on_command("project retry")
def _(w: World) -> None:
    asks(w, "project", "retry")


@on_command("project clean")
def _(w: World) -> None:
    asks(w, "project", "clean", "--absent", "--broken-off")


@on_command("copy")
def _(w: World) -> None:
    """One tenant can be copied out of a database of several, and nothing of another goes with it."""
    target = f"sqlite:///{Path('copied.db').absolute()}"
    out = io.StringIO()
    with redirect_stdout(out), redirect_stderr(out):
        code = main(["copy", w.url, target, "--tenant", OURS])
    assert code == 0, out.getvalue()
    w.outcome(out.getvalue)
    for name, own in ((OURS, True), (THEIRS, False)):
        if own:
            copied = guanxi.open(target, tenant=name, create=False)
            assert copied.store.count() == w.own()
            copied.close()
        else:
            with pytest.raises(guanxi.Unavailable, match="no_ledger_here"):
                guanxi.open(target, tenant=name, create=False)
    raw = b"".join(path.read_bytes() for path in Path().glob("copied*"))
    assert THEIRS.encode() not in raw
    assert b"Beifang" not in raw


def test_each_command_has_a_case() -> None:
    on_command.check()


@pytest.mark.parametrize("case", on_command.parameters())
def test_a_command_neither_shows_nor_changes_what_is_the_other_tenants(world: World, case: Case) -> None:
    attempt(world, case)


def test_a_tenant_that_is_not_there_is_not_made_by_asking(world: World) -> None:
    out = io.StringIO()
    with redirect_stdout(out), redirect_stderr(out):
        code = main(["history", "C-1", "--db", world.url, "--tenant", "suoth"])
    assert code == 1
    assert "no_ledger_here" in out.getvalue()
    with pytest.raises(guanxi.Unavailable, match="no_ledger_here"):
        guanxi.open(world.url, tenant="suoth", create=False)
    with pytest.raises(guanxi.Unavailable, match="no_ledger_here"):
        guanxi.open(world.url, tenant="suoth", read_only=True)
    assert "suoth" not in _tenants(world)


def test_the_operator_sees_which_tenants_there_are(world: World) -> None:
    out = io.StringIO()
    with redirect_stdout(out):
        assert main(["tenants", "--db", world.url, "--json"]) == 0
    found = {line["name"]: line for line in json.loads(out.getvalue())["lines"]}
    assert {OURS, THEIRS} <= found.keys()
    assert found[OURS]["entries"] == world.own()
    assert found[OURS]["last_recorded"] == world.ledger.store.last_recorded()


def _tenants(world: World) -> set[str]:
    with world.ledger.store.database.connected() as connection:  # type: ignore[attr-defined]
        return {row[0] for row in connection.exec_driver_sql("SELECT tenant FROM guanxi_meta")}
