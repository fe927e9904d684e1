"""What all commands share: which ledger they mean, how they open it, and the exit codes they end with."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from guanxi_adapters.cli import screen
from guanxi_adapters.cli.language import say, spoken

if TYPE_CHECKING:
    from guanxi import Ledger

OK, FAILED, MISUSED, REFUSED, FAULTY, INTERRUPTED = 0, 1, 2, 3, 4, 130
DEFAULT_URL = "sqlite:///guanxi.db"


@dataclass
class Settings:
    """What was said about the ledger, before or after the command's name."""

    db: str | None = None
    keys: str | None = None
    tenant: str | None = None
    debug: bool | None = None

    @property
    def url(self) -> str:
        """The database meant: ``--db``, ``GUANXI_DB``, or a file in the present folder."""
        return self.db or os.environ.get("GUANXI_DB") or DEFAULT_URL

    def options(self) -> dict[str, Any]:
        """Return what ``guanxi.open`` is to be told besides the URL."""
        options = {"tenant": self.tenant or os.environ.get("GUANXI_TENANT") or "main"}
        if keys := self.keys or os.environ.get("GUANXI_KEYS"):
            options["keys"] = keys
        return options

    def forget(self) -> None:
        """Start anew."""
        self.db = self.keys = self.tenant = self.debug = None


settings = Settings()


@contextmanager
def open_ledger() -> Generator[Ledger]:
    """Open the ledger that is meant, never making one, and close it in the end.

    Raises:
        Unavailable: ``no_ledger_here`` or ``no_such_file``, naming the command that makes one.
    """
    import guanxi

    try:
        ledger = guanxi.open(settings.url, create=False, **settings.options())
    except guanxi.Unavailable as error:
        if error.code not in ("no_ledger_here", "no_such_file"):
            raise
        raise guanxi.Unavailable(
            error.code,
            error.message,
            zh=error.zh,
            accepts=say(
                "guanxi init {url} makes one; --db or GUANXI_DB names another", url=plain_url(settings.url)
            ),
        ) from error
    try:
        for plugin in ledger.installed:
            if plugin.error is not None:
                warning = say(
                    "without the plugin {name}: {error}", name=plugin.name, error=plugin.why(spoken())
                )
                screen.complain(screen.styled((warning, screen.NOTICE)))
        yield ledger
    finally:
        ledger.close()


def plain_url(url: str) -> str:
    """Return a database's URL without its password."""
    scheme, mark, rest = url.partition("://")
    user, at, host = rest.rpartition("@")
    scheme = scheme.removesuffix("+pysqlite")
    return f"{scheme}{mark}{user.partition(':')[0]}{at}{host}"


def who(actor: str | None) -> str:
    """Return who enters something: as given, ``GUANXI_ACTOR``, or the name this person is logged in with."""
    import getpass

    if named := actor or os.environ.get("GUANXI_ACTOR"):
        return named
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""  # a process without a user; the ledger refuses what nobody enters
