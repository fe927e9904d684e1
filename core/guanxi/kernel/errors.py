"""The outcomes of an input, as one small hierarchy of errors; every other module raises these and nothing else."""

from __future__ import annotations

import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import Any, ClassVar, Self


class GuanxiError(Exception):
    """The root of every error this library raises on purpose.

    Args:
        code: machine-readable word for what happened, in snake_case.
        message: what was refused and why, in English.
        zh: the same in Chinese; the English text where none is given.
        rule: id of the rule that spoke, such as ``RET-17``.
        accepts: what would have been accepted instead.
        facts: values that the message is about, for programs and tests.
    """

    outcome: ClassVar[str] = "error"

    def __init__(
        self,
        code: str,
        message: str = "",
        *,
        zh: str = "",
        rule: str = "",
        accepts: str = "",
        **facts: object,
    ) -> None:
        self.code = code
        self.message = message or code.replace("_", " ")
        self.zh = zh or self.message
        self.rule = rule
        self.accepts = accepts
        self.facts: Mapping[str, object] = facts
        super().__init__(self.describe())

    def describe(self, lang: str = "en") -> str:
        """Return the whole refusal as one line of text.

        Args:
            lang: ``"en"`` or ``"zh"``.
        """
        text = self.zh if lang == "zh" else self.message
        parts = [f"{self.code}: {text}"]
        if self.facts:
            parts.append("(" + ", ".join(f"{k}={v}" for k, v in self.facts.items()) + ")")
        if self.rule:
            parts.append(f"[{self.rule}]")
        line = " ".join(parts)
        if not self.accepts:
            return line
        return line + ("。可接受：" if lang == "zh" else ". Accepted: ") + self.accepts


class Refusal(GuanxiError):
    """An input that was not accepted; nothing of it was recorded unless its class, or what it keeps, says otherwise."""

    kept: tuple[Any, ...] = ()

    def keeping(self, *kept: Any) -> Self:
        """Return this refusal, leaving something on record: it is entered in a transaction of its own, then the caller refused.

        ``raise Incomplete("intake_rejected", ...).keeping(DocumentRejected(...))`` in a decider. A retry under the same command id
        or source reference is judged anew, and enters nothing twice.

        Args:
            *kept: facts of the stream that the command was for, or ``To(subject, command)`` for another.
        """
        self.kept = kept
        return self


class Invalid(Refusal):
    """Malformed, out of range, an impossible date, an inexact number, a missing unit. Nothing is recorded."""

    outcome = "invalid"


class Unknown(Refusal):
    """Refers to something that does not exist here. Nothing is recorded."""

    outcome = "unknown"


class Conflict(Refusal):
    """Contradicts a fact in force, or someone else got there first. The first stays."""

    outcome = "conflict"


class RuleNotMet(Refusal):
    """Well-formed and permitted, but a rule forbids it. Nothing is recorded."""

    outcome = "rule not met"


class NotPermitted(Refusal):
    """The actor lacks the right."""

    outcome = "not permitted"


class Incomplete(Refusal):
    """A reason, evidence, approval or required part is missing."""

    outcome = "incomplete"


class Held(Refusal):
    """Waits for an approval; the request is kept."""

    outcome = "held"


class Parked(Refusal):
    """Comes before what it is about. Nothing is recorded; a batch keeps it, and lets it in once that is on record."""

    outcome = "parked"


class StoreError(GuanxiError):
    """The store could not do its work: nothing was half-written."""

    outcome = "store"


class SchemaTooNew(StoreError):
    """The tables were made by a newer program than this one."""


class Altered(StoreError, ValueError):
    """What is stored is not what was written."""


class Unavailable(StoreError):
    """The database cannot be reached, opened, written or locked in time."""


def handler_failed(error: Exception, about: str) -> PluginError:
    """Return the error that names the handler in which another one arose.

    Args:
        error: what it raised.
        about: the stream or report it worked on.
    """
    where = _where(error)
    what = f"{type(error).__name__}: {error}"
    return PluginError(
        "handler_failed",
        f"{where} failed on {about}: {what}",
        zh=f"{where} 处理 {about} 时出错：{what}",
        accepts="handlers that are total; deciders, reactions and effects that yield events, due handlers that yield "
        "(moment, Due) pairs",
    )


@contextmanager
def failures_named(about: str) -> Generator[None]:
    """Let a plugin's function fail as its handlers do, whatever it raises: a host catches one kind of error.

    Args:
        about: what it worked on: a report, an overview, a cadence, or what was asked.

    Raises:
        PluginError: ``handler_failed`` in place of what is no error of this library's.
    """
    try:
        yield
    except GuanxiError:
        raise
    except Exception as error:
        raise handler_failed(error, about) from error


_KERNEL = "guanxi.kernel"
_CALLED = ("handler", "waiter", "gate", "fn", "upcast")
"""What the kernel calls a plugin's function where it calls one."""


def _where(error: Exception) -> str:
    """Return the innermost place outside the kernel, or the handler that the kernel was busy with."""
    places: list[tuple[FrameType, int]] = []
    step = error.__traceback__
    while step is not None:
        places.append((step.tb_frame, step.tb_lineno))
        step = step.tb_next
    for frame, line in reversed(places):
        module = frame.f_globals.get("__name__", "?")
        if not f"{module}.".startswith(_KERNEL + "."):
            return f"{module}.{frame.f_code.co_qualname}, line {line}"
        for name in _CALLED:
            if callable(called := frame.f_locals.get(name)):
                return name_of_handler(called)
    if not places:
        return ""
    frame, line = places[-1]
    return f"{frame.f_globals.get('__name__', '?')}.{frame.f_code.co_qualname}, line {line}"


def name_of_handler(handler: Any) -> str:
    """Return where a plugin's function is defined."""
    name = getattr(handler, "__qualname__", None)
    return repr(handler) if name is None else f"{getattr(handler, '__module__', '?')}.{name}"


def asking() -> str:
    """Return the function outside the kernel that called into it last: the handler that asks, for messages."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        module = frame.f_globals.get("__name__", "?")
        if not f"{module}.".startswith(_KERNEL + "."):
            return f"{module}.{frame.f_code.co_qualname}"
        frame = frame.f_back
    return "a handler"


class PluginError(GuanxiError):
    """A plugin cannot be accepted; the message names it and its distribution."""

    outcome = "plugin"
