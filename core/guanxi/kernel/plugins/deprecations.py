"""How the surface sheds what is no longer wanted: announced with its dates, at least a year ahead, naming whoever still uses it."""

from __future__ import annotations

import functools
import inspect
import sys
import warnings
from datetime import date, timedelta
from importlib import metadata
from types import FrameType
from typing import Any, TypeVar

from guanxi.kernel.errors import PluginError

T = TypeVar("T")

GROUP = "guanxi.plugins"
"""The entry-point group in which distributions name their plugins."""

NOTICE = timedelta(days=365)
"""What lies at least between the announcement and the end."""

_OURS = frozenset(("guanxi", "guanxi_adapters", "attr", "attrs", "pluggy", "functools"))


class GuanxiDeprecationWarning(DeprecationWarning):
    """Something of guanxi's surface is used that will go on a stated day; the text names who uses it and what to use instead."""


DEPRECATIONS: list[Deprecation] = []
"""Everything that is deprecated at present, in order of declaration; the surface's reference lists it."""


class Deprecation:
    """One thing that will go: a decorator for a function or class, and ``warn`` for a parameter.

    Args:
        what: what will go, as its users know it.
        since: from which day on it is deprecated.
        removal: on which day it may go.
        instead: what to use.
        package: top-level package whose own frames are never the culprit.

    Raises:
        PluginError: ``notice_too_short`` when less than a year lies between the two days.
    """

    def __init__(self, what: str, since: date, removal: date, instead: str, package: str) -> None:
        if removal - since < NOTICE:
            raise PluginError(
                "notice_too_short",
                f"{what} is deprecated since {since} and would go on {removal}",
                zh=f"{what} 自 {since} 起弃用，却将于 {removal} 移除",
                accepts=f"a removal on {since + NOTICE} or later",
            )
        self.what, self.since, self.removal, self.instead = what, since, removal, instead
        self._innocent = _OURS | {package}
        self._warned: set[str] = set()

    def __call__(self, thing: T) -> T:
        """Return a function that warns when called, or the class made to warn when an instance or a subclass is made."""
        if isinstance(thing, type):
            return self._class(thing)  # type: ignore[return-value]
        function: Any = thing

        @functools.wraps(function)
        def warned(*values: Any, **named: Any) -> Any:
            self.warn()
            return function(*values, **named)

        return warned  # type: ignore[return-value]

    def warn(self) -> None:
        """Warn whoever called into guanxi, once per module that does."""
        frame = _culprit(self._innocent)
        module = str(frame.f_globals.get("__name__", "?")) if frame is not None else "?"
        if module in self._warned:
            return
        self._warned.add(module)
        text = f"{named(module)} uses {self.what}, deprecated since {self.since}; it goes on {self.removal}. Use {self.instead}"
        if frame is None:
            warnings.warn(text, GuanxiDeprecationWarning, stacklevel=2)
            return
        warnings.warn_explicit(
            text,
            GuanxiDeprecationWarning,
            frame.f_code.co_filename,
            frame.f_lineno,
            module,
            frame.f_globals.setdefault("__warningregistry__", {}),
        )

    def _class(self, cls: type[Any]) -> type[Any]:
        build, warn = cls.__init__, self.warn

        @functools.wraps(build)
        def warned(made: Any, *values: Any, **named: Any) -> None:
            warn()
            build(made, *values, **named)

        def subclassed(sub: type[Any], /, **named: Any) -> None:
            warn()
            super(cls, sub).__init_subclass__(**named)

        setattr(cls, "__init__", warned)  # noqa: B010 - mypy takes no assignment to a method
        setattr(cls, "__init_subclass__", classmethod(subclassed))  # noqa: B010
        return cls


def deprecated(what: str, *, since: date, removal: date, instead: str) -> Deprecation:
    """Declare that a part of a public surface will go.

    The result decorates a function or class; for a parameter, keep it and call its ``warn()`` where the parameter is seen. Each
    module that still uses what will go is told once, by its name and, where that can be found, its distribution and version.

    Args:
        what: what will go, as its users know it, such as ``"discover(only=...)"``.
        since: the day of the announcement.
        removal: the day on which it may go; at least a year later.
        instead: what to use.

    Raises:
        PluginError: ``notice_too_short`` when less than a year lies between the two days.
    """
    caller = sys._getframe(1).f_globals.get("__name__", "")
    made = Deprecation(what, since, removal, instead, caller.partition(".")[0])
    if made._innocent == _OURS:
        DEPRECATIONS.append(made)
    return made


def named(module: str) -> str:
    """Return a module's name together with the distribution that ships it and its version, where there is one."""
    package = module.partition(".")[0]
    # An editable install tells what it ships by its entry points alone.
    plugins = metadata.entry_points(group=GROUP)
    owners = {p.dist.name for p in plugins if p.dist and p.module.partition(".")[0] == package}
    owners = owners or set(metadata.packages_distributions().get(package, ()))
    shipped = ", ".join(f"{name} {metadata.version(name)}" for name in sorted(owners))
    return f"{module} ({shipped})" if shipped else module


def _culprit(innocent: frozenset[str]) -> FrameType | None:
    """Return the nearest frame that belongs to none of these packages and was not made by attrs."""
    frame = inspect.currentframe()
    while frame is not None:
        package = str(frame.f_globals.get("__name__", "")).partition(".")[0]
        if package not in innocent and not frame.f_code.co_filename.startswith("<attrs generated"):
            return frame
        frame = frame.f_back
    return None


__all__ = ["DEPRECATIONS", "NOTICE", "Deprecation", "GuanxiDeprecationWarning", "deprecated", "named"]
