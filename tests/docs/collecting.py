"""A plugin for pytest that says, of the tests it finds, which databases each runs on, as JSON; and runs none of them."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

MARK = "GUANXI_COLLECTED"
"""Names the file that is written."""

_FIXTURES = {
    "postgres": re.compile(r"postgres_(url|server)|^server$|portable_url|partitioned_url"),
    "portable": re.compile(r"portable_url"),
    "sqlite": re.compile(r"sqlite_url|memory_url|^db$"),
}
_IDS = {
    "postgres": re.compile(r"postgres|partitioned|portable"),
    "portable": re.compile(r"portable"),
    "sqlite": re.compile(r"sqlite|memory"),
}


def pytest_collection_finish(session: Any) -> None:
    """Write down what was found."""
    found: dict[str, set[str]] = {}
    for item in session.items:
        name = item.nodeid.partition("[")[0]
        found.setdefault(name, set()).update(_databases(item))
    plain = {name: sorted(databases) for name, databases in sorted(found.items())}
    Path(os.environ[MARK]).write_text(json.dumps(plain), "utf-8")


def _databases(item: Any) -> set[str]:
    """Return the databases that one test runs on: as its parameters say, or its fixtures, or SQLite by default."""
    chosen = getattr(getattr(item, "callspec", None), "id", "")
    found = {name for name, form in _IDS.items() if form.search(chosen)}
    if not found:
        names = [n for n in item.fixturenames if n not in ("shared_url", "any_url")]
        found = {name for name, form in _FIXTURES.items() if any(form.search(n) for n in names)}
    return found or {"sqlite"}
