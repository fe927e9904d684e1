"""What happens elsewhere while a test looks on: appends in other processes, servers that go away; and waiting for it to show."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import psycopg
import sqlalchemy as sa

_APPEND = """
import sys
from guanxi_adapters.sql import open_store
from tests.adapters.sql.samples import batch, growth

store = open_store(sys.argv[1], tenant=sys.argv[2])
store.append(batch(growth(sys.argv[3], 0, tenant=sys.argv[2]), tenant=sys.argv[2]))
store.close()
"""


def append_elsewhere(url: str, stream: str, tenant: str = "main") -> None:
    """Append an entry in another process."""
    subprocess.run([sys.executable, "-c", _APPEND, url, tenant, stream], check=True)


def eventually(condition: Callable[[], bool], seconds: float = 30.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return condition()


def away(url: str, gone: bool) -> None:
    """Let a database refuse everybody, and cut those who are there; or let them in again."""
    parsed: Any = sa.make_url(url)
    admin = parsed.set(database="postgres").render_as_string(hide_password=False).replace("+psycopg", "")
    with psycopg.connect(admin, autocommit=True) as connection:
        allowed = "false" if gone else "true"
        connection.execute(f"ALTER DATABASE {parsed.database} ALLOW_CONNECTIONS {allowed}")  # type: ignore[arg-type]
        if gone:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
                (parsed.database,),
            )
