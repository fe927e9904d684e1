"""Pure and clock-free: what handlers change, what they reach for, and whether they give the same for the same."""

from __future__ import annotations

from typing import Any

from guanxi.testing.examining import Broken, Examination, failed
from guanxi.testing.findings import Finding, found
from guanxi.testing.histories import Story, shrunk
from guanxi.testing.scanning import Scan, roots
from guanxi.testing.telling import Told
from guanxi.testing.watching import Trouble, Watch


def pure(x: Examination) -> Finding:
    """Handlers change nothing but the state that is theirs, give the same for the same, and touch nothing outside."""
    x.require_streams()
    for told in x.told():
        for failure in told.failures:
            line = told.story.lines([failure.step])[0]
            return failed("pure", Broken(f"a handler failed: {_said(failure.error)}", line), told.story)
    return _watched(x, "pure") or found("pure", "met", x.extent())


def clock_free(x: Examination) -> Finding:
    """No handler reads a clock, draws lots or asks the environment, as its code says and as its conduct shows."""
    for name, handler, kinds in roots(x.parts):
        module = getattr(handler, "__module__", "") or ""
        for text in Scan(module.partition(".")[0]).reached(handler):
            entry = (
                next((e for t in x.told() if (e := t.first_of(kinds)) is not None), None) if kinds else None
            )
            where = f"{handler.__module__}.{handler.__qualname__}"
            return found("clock_free", "failed", f"{name}: {where}: {text}", entry)
    if not x.parts.facets and not x.parts.read_models:
        return found("clock_free", "met", "by its code")
    return _watched(x, "clock_free") or found("clock_free", "met", f"by its code and in {x.extent()}")


def _watched(x: Examination, name: str) -> Finding | None:
    for told, watch in x.watches():
        trouble = _first(watch, name)
        if trouble is None:
            continue
        last: list[tuple[Story, Broken]] = [(told.story, _broken(told, trouble))]

        def fails(story: Story) -> bool:
            again, seen = x.watch(story)
            try:
                other = _first(seen, name)
                if other is None:
                    return False
                last[0] = (story, _broken(again, other))  # noqa: B023 - asked within this turn of the loop
                return True
            finally:
                again.close()

        shrunk(told.story, fails, 15)
        return failed(name, last[0][1], last[0][0])
    return None


def _first(watch: Watch, name: str) -> Trouble | None:
    return next((t for t in watch.troubles if t.property == name), None)


def _broken(told: Told, trouble: Trouble) -> Broken:
    entry = told.entry_of(trouble.message) or repr(trouble.message)
    return Broken(f"{trouble.handler}: {trouble.text}", entry)


def _said(error: Any) -> str:
    describe = getattr(error, "describe", None)
    return str(describe()) if describe is not None else f"{type(error).__name__}: {error}"
