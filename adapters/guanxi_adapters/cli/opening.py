"""What all commands share: which ledger they mean, how they open it, and the exit codes they end with."""

from __future__ import annotations

import os
import re
import shlex
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from guanxi_adapters.cli import screen
from guanxi_adapters.cli.language import say, spoken

if TYPE_CHECKING:
    from guanxi import Installed, Ledger

OK, FAILED, MISUSED, REFUSED, FAULTY, INTERRUPTED = 0, 1, 2, 3, 4, 130
DEFAULT_URL = "sqlite:///guanxi.db"
DEFAULT_TENANT = "main"


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

    @property
    def tenant_name(self) -> str:
        """The tenant meant: ``--tenant``, ``GUANXI_TENANT``, or the one that is meant where nobody names one."""
        return self.tenant or os.environ.get("GUANXI_TENANT") or DEFAULT_TENANT

    def options(self) -> dict[str, Any]:
        """Return what ``guanxi.open`` is to be told besides the URL."""
        options = {"tenant": self.tenant_name}
        if keys := self.keys or os.environ.get("GUANXI_KEYS"):
            options["keys"] = keys
        return options | which_plugins()

    def forget(self) -> None:
        """Start anew."""
        self.db = self.keys = self.tenant = self.debug = None


settings = Settings()

_BLOCK = re.compile(
    r"\s*(?P<name>[^\s\[\]:;]+)\s*(?:\[(?P<versions>[^\]]*)\])?\s*:(?P<reason>.*)\Z", re.DOTALL
)


def which_plugins() -> dict[str, Any]:
    """Return which plugins ``guanxi.open`` and ``guanxi.discover`` are to let in, as the environment says.

    ``GUANXI_PLUGINS`` is a list of names with commas between; ``GUANXI_BLOCK`` has ``name: reason`` or
    ``name[versions]: reason``, with semicolons between.

    Raises:
        PluginError: ``bad_block``.
    """
    import guanxi

    chosen: dict[str, Any] = {}
    if allowed := os.environ.get("GUANXI_PLUGINS"):
        chosen["allow"] = [name for each in allowed.split(",") if (name := each.strip())]
    blocks = []
    for each in os.environ.get("GUANXI_BLOCK", "").split(";"):
        if not each.strip():
            continue
        found = _BLOCK.match(each)
        if found is None:
            raise guanxi.PluginError(
                "bad_block",
                f"GUANXI_BLOCK: {each.strip()!r} does not say which plugin and why",
                zh=f"GUANXI_BLOCK：{each.strip()!r} 未说明禁用哪个插件及原因",
                accepts="name: reason; other[>=1.2,<1.4]: reason",
            )
        blocks.append(guanxi.Block(found["name"], found["reason"], found["versions"] or ""))
    if blocks:
        chosen["block"] = blocks
    return chosen


def installed_plugins() -> list[Installed]:
    """Return the plugins found here, as far as the environment lets them in."""
    from guanxi import discover

    return discover(**which_plugins())


def opened(url: str, **options: Any) -> Ledger:
    """Open a ledger as the settings say; which plugins it goes without is told by whoever asks.

    Args:
        url: the database.
        **options: for ``guanxi.open``, besides the settings'.
    """
    import guanxi

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", guanxi.PluginRefused)
        return guanxi.open(url, **options, **settings.options())


@contextmanager
def hinted() -> Generator[None]:
    """Let the refusal to open what is not there name the command that makes a ledger."""
    import guanxi

    try:
        yield
    except guanxi.Unavailable as error:
        if error.code not in ("no_ledger_here", "no_such_file"):
            raise
        raise guanxi.Unavailable(
            error.code,
            error.message,
            zh=error.zh,
            accepts=say(
                "guanxi {tenant}init {url} makes one; --db or GUANXI_DB names another",
                tenant="" if settings.tenant_name == DEFAULT_TENANT else f"--tenant {settings.tenant_name} ",
                url=shlex.quote(plain_url(settings.url)),
            ),
        ) from error


@contextmanager
def open_ledger() -> Generator[Ledger]:
    """Open the ledger that is meant, never making one, and close it in the end.

    Raises:
        Unavailable: ``no_ledger_here`` or ``no_such_file``, naming the command that makes one.
    """
    with hinted():
        ledger = opened(settings.url, create=False)
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


@contextmanager
def ask_ledger() -> Generator[Ledger]:
    """Open the ledger that is meant as the one who asks has it; see ``who``. It matters where access rules are in force."""
    with open_ledger() as ledger:
        name = who(None)
        yield ledger.as_actor(name) if name else ledger


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
