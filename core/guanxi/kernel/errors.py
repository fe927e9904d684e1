"""The outcomes of an input, as one small hierarchy of errors; every other module raises these and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar


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
    """An input that was not accepted; nothing of it was recorded unless its class says otherwise."""


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
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    where = ""
    if frame is not None:
        code = frame.tb_frame.f_code
        where = f"{frame.tb_frame.f_globals.get('__name__', '?')}.{code.co_qualname}, line {frame.tb_lineno}"
    what = f"{type(error).__name__}: {error}"
    return PluginError(
        "handler_failed",
        f"{where} failed on {about}: {what}",
        zh=f"{where} 处理 {about} 时出错：{what}",
        accepts="handlers that are total, and deciders that yield facts",
    )


class PluginError(GuanxiError):
    """A plugin cannot be accepted; the message names it and its distribution."""

    outcome = "plugin"
