"""Scanning: what the code of a plugin's handlers reaches for, read from its bytecode without running it."""

from __future__ import annotations

import dis
import os
import random
import secrets
import sys
import time
import types
import uuid
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from importlib import import_module
from typing import Any

from guanxi.kernel.plugins import Parts
from guanxi.testing.telling_facts import handlers_of

_MODULES: dict[Any, frozenset[str] | None] = {
    time: frozenset(
        [
            "time",
            "time_ns",
            "monotonic",
            "monotonic_ns",
            "perf_counter",
            "perf_counter_ns",
            "process_time",
            "localtime",
            "gmtime",
            "ctime",
        ]
    ),
    random: None,
    secrets: None,
    uuid: frozenset(("uuid1", "uuid4")),
    os: frozenset(("urandom", "environ", "getenv", "times", "environb")),
}
"""What of a module tells the time, draws lots, or differs from host to host; None for all of it."""

_OWN = {(datetime, "now"), (datetime, "utcnow"), (datetime, "today"), (date, "today")}
_MISSING = object()


def forbidden(owner: Any, name: str) -> str | None:
    """Return what a name of an owner is called, if it reads a clock, chance or the environment."""
    if isinstance(owner, type) and issubclass(owner, date):
        for cls, method in _OWN:
            if name == method and issubclass(owner, cls):
                return f"{cls.__name__}.{name}"
        return None
    if isinstance(owner, types.ModuleType) and owner in _MODULES:
        names = _MODULES[owner]
        if (names is None and not name.startswith("_")) or (names is not None and name in names):
            return f"{owner.__name__}.{name}"
    return None


def _is_forbidden(value: Any) -> str | None:
    """Return what a value is called, if it is such a function that was imported by name."""
    owner, name = getattr(value, "__self__", None), getattr(value, "__name__", "")
    if isinstance(owner, type) and name:
        return forbidden(owner, name)
    if isinstance(owner, random.Random):
        return f"random.{name}"
    module = sys.modules.get(getattr(value, "__module__", None) or "")
    if isinstance(value, types.FunctionType | types.BuiltinFunctionType) and module is not None:
        return forbidden(module, name)
    return None


class Scan:
    """Reads functions and what they call within a plugin's own package.

    Args:
        package: the top of the module names that belong to the plugin.
    """

    def __init__(self, package: str) -> None:
        self.package = package
        self._seen: set[int] = set()

    def reached(self, function: Any) -> Iterator[str]:
        """Yield what a function, and all of the plugin's own that it calls, reaches for and must not."""
        function = getattr(function, "__wrapped__", function)
        function = getattr(function, "__func__", function)
        if not isinstance(function, types.FunctionType) or id(function) in self._seen:
            return
        self._seen.add(id(function))
        closed = {}
        for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
            try:
                closed[name] = cell.cell_contents
            except ValueError:
                continue
        yield from self._code(function.__code__, function.__globals__, closed, function.__qualname__)

    def _code(
        self, code: types.CodeType, names: dict[str, Any], closed: dict[str, Any], where: str
    ) -> Iterator[str]:
        held: Any = _MISSING
        taken: Any = _MISSING
        imported: dict[str, Any] = {}
        for step in dis.get_instructions(code):
            op, what = step.opname, step.argval
            if op in ("LOAD_GLOBAL", "LOAD_NAME"):
                held = names.get(what, _MISSING)
            elif op == "LOAD_DEREF":
                held = closed.get(what, _MISSING)
            elif op.startswith("LOAD_FAST") and isinstance(what, str):
                held = imported.get(what, _MISSING)
            elif op == "IMPORT_NAME":
                held = _module(what, names)
            elif op == "IMPORT_FROM":
                taken = getattr(held, what, _MISSING)
                if name := forbidden(held, what):
                    yield f"{where} reaches for {name}"
                continue
            elif op == "STORE_FAST" and isinstance(held, types.ModuleType):
                imported[what] = held if taken is _MISSING else taken
                taken = _MISSING
                continue
            elif op in ("LOAD_ATTR", "LOAD_METHOD"):
                if held is _MISSING:
                    continue
                if name := forbidden(held, what):
                    yield f"{where} reaches for {name}"
                    held = _MISSING
                    continue
                held = (
                    getattr(held, what, _MISSING) if isinstance(held, types.ModuleType | type) else _MISSING
                )
            elif op in ("PUSH_NULL", "RESUME", "CACHE", "PRECALL"):
                continue
            else:
                held = _MISSING
                continue
            if held is not _MISSING:
                yield from self._met(held, where)
        for constant in code.co_consts:
            if isinstance(constant, types.CodeType):
                yield from self._code(constant, names, closed, where)

    def _met(self, value: Any, where: str) -> Iterator[str]:
        name = _is_forbidden(value)
        if name:
            yield f"{where} reaches for {name}"
        elif isinstance(value, types.FunctionType) and self._is_own(value):
            yield from self.reached(value)
        elif isinstance(value, type) and self._is_own(value):
            for function in functions_of(value):
                yield from self.reached(function)

    def _is_own(self, value: Any) -> bool:
        return (getattr(value, "__module__", "") or "").partition(".")[0] == self.package


def _module(name: str, names: dict[str, Any]) -> Any:
    try:
        return import_module(name)
    except Exception:  # noqa: BLE001 - what cannot be imported is not called either
        return _MISSING


def functions_of(cls: type[Any]) -> Iterator[Any]:
    """Yield the functions that a class defines, those behind its properties too."""
    for value in vars(cls).values():
        if isinstance(value, property):
            yield from (f for f in (value.fget,) if f is not None)
        elif isinstance(value, classmethod | staticmethod):
            yield value.__func__
        elif isinstance(value, types.FunctionType):
            yield value


def roots(parts: Parts) -> Iterator[tuple[str, Any, tuple[type[Any], ...]]]:
    """Yield each handler of some parts with where it stands and the messages that it is for."""
    for facet in parts.facets:
        tables: Iterable[Any] = (facet.evolvers, facet.reactions, facet.effects, facet.dues, facet.guards)
        kinds: dict[int, list[type[Any]]] = {}
        for table in (*tables, facet.deciders, facet.claimers, facet.endings):
            for kind, entry in table.items():
                for handler in _functions_in(entry):
                    kinds.setdefault(id(handler), []).append(kind)
        for handler in handlers_of(facet):
            yield facet.name, handler, tuple(kinds.get(id(handler), ()))
        state = facet.state
        for cls in (state if isinstance(state, type) else type(state()),):
            for function in functions_of(cls):
                yield facet.name, function, tuple(facet.evolvers)
    for model in parts.read_models:
        for kind, handler in model.handlers.items():
            yield model.name, handler, (kind,)
    for report in parts.reports:
        yield report.name, report.build, ()
        if report.foots is not None:
            yield report.name, report.foots, ()
    for upcaster in parts.upcasters:
        yield upcaster.name, upcaster.upcast, ()


def _functions_in(entry: Any) -> Iterator[Any]:
    if isinstance(entry, list | tuple):
        for one in entry:
            yield from _functions_in(one)
    elif callable(entry):
        yield entry


__all__ = ["Scan", "forbidden", "functions_of", "roots"]
