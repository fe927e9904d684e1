"""Loads a former form of the tables, as it was written down, into a database of its own."""

from __future__ import annotations

import ast
import json
import sqlite3
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa

HERE = Path(__file__).resolve().parent


def load_sqlite(form: str, path: Path) -> str:
    """Make the files of a form, log at ``path`` and keys beside it, and return the log's URL."""
    for name, to in ((form, path), (f"{form}-keys", path.with_name(f"{path.stem}.keys.db"))):
        connection = sqlite3.connect(to)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript((HERE / f"{name}.sql").read_text(encoding="utf-8"))
        connection.close()
    return f"sqlite:///{path}"


def load_postgres(form: str, url: str) -> str:
    """Make the tables of a form in an empty database, and return its URL."""
    plain = sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain) as connection:
        connection.execute((HERE / f"{form}.sql").read_bytes())
    return url


def recorded(form: str) -> dict[str, Any]:
    """Return what a form's own program answered, by tenant."""
    found: dict[str, Any] = json.loads((HERE / f"{form}.json").read_text(encoding="utf-8"))
    return found


def as_recorded(found: dict[str, Any], form: str) -> dict[str, Any]:
    """Return answers of today's program without the fields of states, and of what they hold, that a form's own did not know."""
    found = json.loads(json.dumps(found))
    for tenant, told in recorded(form).items():
        for account, customer in told["customers"].items():
            for name, fields in customer["states"].items():
                states = found[tenant]["customers"][account]["states"]
                states[name] = {
                    field: _as_told(value, fields[field])
                    for field, value in states[name].items()
                    if field in fields
                }
    return found


def _as_told(value: str, told: str) -> str:
    """Return a value's ``repr`` without the fields of what is in it that the same class had not when it was told."""
    if value == told:
        return told
    try:
        now, then = ast.parse(value, mode="eval"), ast.parse(told, mode="eval")
    except SyntaxError:  # a value whose ``repr`` is no expression
        return value
    known: dict[str, set[str | None]] = {}
    for call in _calls(then):
        known.setdefault(ast.unparse(call.func), set()).update(k.arg for k in call.keywords)
    for call in _calls(now):
        fields = known.get(ast.unparse(call.func))
        if fields is not None:
            call.keywords = [k for k in call.keywords if k.arg in fields]
    left = ast.unparse(now)
    return told if left == ast.unparse(then) else left


def _calls(tree: ast.AST) -> list[ast.Call]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
