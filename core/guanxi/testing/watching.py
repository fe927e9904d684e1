"""Watched parts: a plugin's handlers wrapped, so that what they change, and what they reach for, is seen."""

from __future__ import annotations

import copy
import functools
import os
import random
import secrets
import sys
import time
import uuid
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

import attrs

from guanxi.kernel.cadences import Cadence
from guanxi.kernel.errors import Refusal, RuleNotMet
from guanxi.kernel.facets import Facet
from guanxi.kernel.plugins import Parts
from guanxi.kernel.read_models import Reader, ReadModel
from guanxi.kernel.reports import Report
from guanxi.kernel.runs.definition import Run

T = TypeVar("T")

MOST = 20
"""How many troubles are kept of one story."""

_OUTSIDE = (
    "open",
    "socket.",
    "subprocess.",
    "os.system",
    "os.listdir",
    "os.scandir",
    "os.remove",
    "sqlite3.",
    "urllib.",
)
_HARMLESS = (".py", ".pyc", ".so", ".pyd", ".zip")
"""Files that Python itself reads, for a module that a handler imports late."""

_CLOCKS: tuple[tuple[Any, str], ...] = (
    *(
        (time, n)
        for n in ("time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "localtime", "gmtime")
    ),
    *(
        (random, n)
        for n in ("random", "randint", "choice", "choices", "shuffle", "sample", "uniform", "randrange")
    ),
    *((uuid, n) for n in ("uuid1", "uuid4")),
    *((secrets, n) for n in ("token_hex", "token_bytes", "token_urlsafe", "choice", "randbelow")),
    (os, "urandom"),
)


@attrs.frozen
class Trouble:
    """Something that a handler did and must not do.

    Args:
        property: ``pure`` or ``clock_free``.
        handler: which one.
        message: the event, command or due moment at hand.
        text: what it did.
    """

    property: str
    handler: str
    message: Any
    text: str


class Watch:
    """What was seen of one story's handlers."""

    def __init__(self) -> None:
        self.troubles: list[Trouble] = []
        self._inside: tuple[str, Any] | None = None
        self._kept: list[tuple[str, Any, Any]] = []

    def note(self, text: str, *, about: str = "pure", handler: str = "", message: Any = None) -> None:
        """Keep a trouble: of the handler that runs, unless another is named."""
        if not handler and self._inside is not None:
            handler, message = self._inside
        if handler and len(self.troubles) < MOST:
            self.troubles.append(Trouble(about, handler, message, text))

    @property
    def inside(self) -> bool:
        """Whether a handler runs just now."""
        return self._inside is not None

    @contextmanager
    def within(self, handler: str, message: Any) -> Generator[None]:
        """Mark that a handler runs."""
        outer, self._inside = self._inside, (handler, message)
        try:
            yield
        finally:
            self._inside = outer

    def keep(self, handler: str, message: Any) -> None:
        """Remember what a message looked like, to see later whether somebody has changed it since."""
        if len(self._kept) < 2_000:
            self._kept.append((handler, message, picture(message)))

    def look_back(self) -> None:
        """See whether messages that handlers received are still what they were."""
        for handler, message, before in self._kept:
            if picture(message) != before:
                self.note("an event that it received was changed later on", handler=handler, message=message)


_watch: Watch | None = None
_hooked = False


def _audit(name: str, args: tuple[Any, ...]) -> None:
    watch = _watch
    if watch is None or not watch.inside or not name.startswith(_OUTSIDE):
        return
    what = str(args[0]) if args else ""
    if name == "open" and (what.endswith(_HARMLESS) or "zoneinfo" in what or "tzdata" in what):
        return
    watch.note(f"it reaches outside: {name} {what}".rstrip())


@contextmanager
def watching(watch: Watch) -> Generator[None]:
    """Have what handlers reach for reported to a watch: files, network, environment, clocks, chance."""
    global _watch, _hooked  # noqa: PLW0603 - an audit hook stays for good; the guard says when it looks
    if not _hooked:
        sys.addaudithook(_audit)
        _hooked = True
    outer, _watch = _watch, watch
    environ = type(os.environ)
    read = environ.__getitem__
    before = [(owner, name, getattr(owner, name)) for owner, name in _CLOCKS]

    def seen(self: Any, key: Any) -> Any:
        watch.note(f"it reads the environment: {key}")
        return read(self, key)

    setattr(environ, "__getitem__", seen)  # noqa: B010 - mypy takes no assignment to a method
    for owner, name, original in before:
        setattr(owner, name, _reported(watch, f"{owner.__name__}.{name}", original))
    try:
        yield
    finally:
        setattr(environ, "__getitem__", read)  # noqa: B010
        for owner, name, original in before:
            setattr(owner, name, original)
        _watch = outer


def _reported(watch: Watch, name: str, original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def report(*values: Any, **named: Any) -> Any:
        watch.note(f"it asks {name}()", about="clock_free")
        return original(*values, **named)

    return report


# ---------------------------------------------------------------- pictures


def picture(value: Any) -> Any:
    """Return what a value looks like, so that a later look tells whether it was changed; order of keys counts, of sets not."""
    if isinstance(value, dict):
        return ("dict", tuple((picture(k), picture(v)) for k, v in value.items()))
    if isinstance(value, list | tuple):
        return (type(value).__name__, tuple(picture(v) for v in value))
    if isinstance(value, set | frozenset):
        return ("set", tuple(sorted(repr(picture(v)) for v in value)))
    if attrs.has(type(value)):
        return (
            type(value).__qualname__,
            tuple((a.name, picture(getattr(value, a.name, None))) for a in attrs.fields(type(value))),
        )
    if hasattr(value, "__dict__") and not isinstance(value, type) and not callable(value):
        return (type(value).__qualname__, picture(vars(value)))
    return repr(value)


class _Asking:
    """A ``now`` for a first look: whatever is required there leaves nothing behind."""

    def __init__(self, now: Any) -> None:
        self._now = now
        self.breaches: list[tuple[str, str]] = []
        self.seen: list[tuple[Any, Any]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._now, name)

    def of(self, state: type[Any]) -> Any:
        found = self._now.of(state)
        self.seen.append((found, picture(found)))
        return found

    def require(self, ok: bool, code: str, rule: str = "", message: str = "", **more: Any) -> None:
        if not ok:
            self.forbid(RuleNotMet(code, message, rule=rule, **more))

    def forbid(self, refusal: Refusal) -> None:
        if not self._now.happened:
            raise refusal
        self.breaches.append((refusal.code, refusal.rule))


def _outcome(call: Callable[[], Any]) -> tuple[Any, Any, Exception | None]:
    """Return a call's result as a list, what it looks like, and what it raised."""
    try:
        result = call()
        listed = list(result) if isinstance(result, Iterator | list | tuple) else result
        return listed, picture(listed), None
    except Refusal as refusal:
        return None, ("refused", type(refusal).__name__, refusal.code), refusal
    except Exception as error:  # noqa: BLE001 - the real call shows it
        return None, ("raised", type(error).__name__, str(error)), error


def _name(handler: Any) -> str:
    return f"{handler.__module__}.{handler.__qualname__}"


class _Watched:
    """Wraps the handlers of one plugin."""

    def __init__(self, watch: Watch) -> None:
        self.watch = watch

    def evolving(self, handler: Callable[..., Any]) -> Callable[..., Any]:
        watch, name = self.watch, _name(handler)

        @functools.wraps(handler)
        def evolve(state: Any, event: Any, *at: Any) -> Any:
            before = picture(event)
            watch.keep(name, event)
            twin = copy.deepcopy(state)
            with watch.within(name, event):
                _, first, _ = _outcome(lambda: handler(twin, copy.deepcopy(event), *at))
                result = handler(state, event, *at)
            if picture(event) != before:
                watch.note("it changes the event", handler=name, message=event)
            if not (isinstance(first, tuple) and first[:1] == ("raised",)) and picture(twin) != picture(
                state
            ):
                watch.note("the same state and event gave two different states", handler=name, message=event)
            return result

        return evolve

    def asking(self, handler: Callable[..., Any], has_now: bool = True) -> Callable[..., Any]:
        watch, name = self.watch, _name(handler)

        @functools.wraps(handler)
        def ask(*given: Any) -> Any:
            message = given[min(1, len(given) - 1)]
            watch.keep(name, message)
            before = [picture(g) for g in given[:2]]
            now = _Asking(given[2]) if has_now and len(given) > 2 else None
            probe = (*given[:2], now) if now is not None else given
            with watch.within(name, message):
                _, first, _ = _outcome(lambda: handler(*probe))
                result, second, error = _outcome(lambda: handler(*given))
            after = [picture(g) for g in given[:2]]
            if after != before:
                what = "the state" if len(given) > 1 and after[0] != before[0] else "what it received"
                watch.note(f"it changes {what}", handler=name, message=message)
            elif now is not None and any(picture(state) != was for state, was in now.seen):
                watch.note("it changes another facet's state", handler=name, message=message)
            elif first != second:
                watch.note(
                    f"the same input gave two answers, {first!r} and {second!r}",
                    handler=name,
                    message=message,
                )
            if error is not None:
                raise error
            return iter(result) if isinstance(result, list) else result

        return ask

    def folding(self, handler: Callable[..., Any]) -> Callable[..., Any]:
        watch, name = self.watch, _name(handler)

        @functools.wraps(handler)
        def fold(rows: Any, event: Any, at: Any) -> None:
            before = picture(event)
            with watch.within(name, event):
                handler(rows, event, at)
            if picture(event) != before:
                watch.note("it changes the event", handler=name, message=event)

        return fold

    def facet(self, facet: Facet[Any]) -> Facet[Any]:
        twin = copy.copy(facet)
        twin.evolvers = {k: (self.evolving(fn), wide) for k, (fn, wide) in facet.evolvers.items()}
        twin.endings = {k: self.evolving(fn) for k, fn in facet.endings.items()}
        twin.deciders = {k: self.asking(fn) for k, fn in facet.deciders.items()}
        twin.reactions = {k: [(r, self.asking(fn)) for r, fn in js] for k, js in facet.reactions.items()}
        twin.effects = {k: [(r, self.asking(fn)) for r, fn in js] for k, js in facet.effects.items()}
        twin.dues = {k: [self.asking(fn) for fn in fns] for k, fns in facet.dues.items()}
        twin.guards = {k: [(r, c, self.asking(fn)) for r, c, fn in gs] for k, gs in facet.guards.items()}
        twin.claimers = {
            k: [self.asking(fn, has_now=False) for fn in fns] for k, fns in facet.claimers.items()
        }
        twin.gates = [self.asking(fn) for fn in facet.gates]
        return twin

    def model(self, model: ReadModel[Any]) -> ReadModel[Any]:
        twin = copy.copy(model)
        twin.handlers = {k: self.folding(fn) for k, fn in model.handlers.items()}
        return twin


class _Rewired:
    """A reader of copies, for code that names the read models they were made from."""

    def __init__(self, reader: Reader, twins: Mapping[ReadModel[Any], ReadModel[Any]]) -> None:
        self._reader, self._twins, self.position = reader, twins, reader.position

    def rows(self, model: ReadModel[Any]) -> Iterator[tuple[str, Any]]:
        return self._reader.rows(self._twins.get(model, model))

    def rows_of(self, model: ReadModel[Any], stream: str) -> list[Any]:
        return self._reader.rows_of(self._twins.get(model, model), stream)

    def row(self, model: ReadModel[Any], stream: str, key: Any = ()) -> Any:
        return self._reader.row(self._twins.get(model, model), stream, key)

    def select(self, build: Any, *models: ReadModel[Any]) -> list[tuple[Any, ...]]:
        return self._reader.select(build, *(self._twins.get(m, m) for m in models))


class _Rewiring:
    """Has what asks read models ask their copies: parts are refused where they read what is not among them."""

    def __init__(self, twins: Mapping[ReadModel[Any], ReadModel[Any]]) -> None:
        self._twins = twins

    def reads(self, models: Iterable[ReadModel[Any]]) -> tuple[ReadModel[Any], ...]:
        return tuple(self._twins.get(m, m) for m in models)

    def asking(self, ask: Callable[..., Any]) -> Callable[..., Any]:
        twins = self._twins

        @functools.wraps(ask)
        def rewired(reader: Reader, *given: Any) -> Any:
            return ask(_Rewired(reader, twins), *given)

        return rewired

    def cadence(self, cadence: Cadence) -> Cadence:
        return attrs.evolve(cadence, reads=self.reads(cadence.reads), items=self.asking(cadence.items))

    def report(self, report: Report) -> Report:
        return attrs.evolve(report, reads=self.reads(report.reads), build=self.asking(report.build))

    def run(self, run: Run[Any]) -> Run[Any]:
        twin = copy.copy(run)
        twin.reads = self.reads(run.reads)
        twin.population, twin.judge = self.asking(run.population), self.asking(run.judge)
        return twin


def watched(parts: Parts, watch: Watch) -> Parts:
    """Return parts whose handlers report to a watch, and whose cadences, reports, runs and overviews read their copies."""
    wrap = _Watched(watch)
    twins = {f: wrap.facet(f) for f in parts.facets}
    for twin in twins.values():
        twin.reads = tuple(twins.get(f, f) for f in twin.reads)
    models = {m: wrap.model(m) for m in parts.read_models}
    rewire = _Rewiring(models)
    return attrs.evolve(
        parts,
        facets=tuple(twins[f] for f in parts.facets),
        read_models=tuple(models[m] for m in parts.read_models),
        reports=tuple(map(rewire.report, parts.reports)),
        runs=tuple(map(rewire.run, parts.runs)),
        cadences=tuple(map(rewire.cadence, parts.cadences)),
        overviews=tuple(
            attrs.evolve(o, facets=tuple(twins.get(f, f) for f in o.facets)) for o in parts.overviews
        ),
    )
