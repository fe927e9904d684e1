"""Checks that several subjects of service share."""

from __future__ import annotations

from typing import Any

import attrs

from guanxi.kernel.errors import Conflict, Incomplete, Invalid, Refusal, Unknown
from guanxi.kernel.facets import Now


def named(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    """Refuse a number, code or name that says nothing."""
    if not (isinstance(value, str) and value.strip()):
        raise Invalid(
            "blank", f"{attribute.name} is blank", zh=f"{attribute.name} 为空", accepts="a word or a number"
        )


def named_or_none(instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
    """Refuse a blank text where one may be left out."""
    if value is not None:
        named(instance, attribute, value)


def one_of(*options: str) -> Any:
    """Return a validator that refuses any other code."""

    def check(_: object, attribute: attrs.Attribute[Any], value: str) -> None:
        if value not in options:
            raise Unknown(
                "unknown_code",
                f"{value!r} is no {attribute.name}",
                zh=f"{attribute.name} 不能为 {value!r}",
                accepts=", ".join(options),
            )

    return check


def stated(rule: str, en: str, zh: str) -> Any:
    """Return a validator that refuses what a rule asks for and nobody gave."""

    def check(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
        if value is None or not str(value).strip():
            raise missing(rule, f"{en} is missing", f"缺少{zh}", f"{attribute.name}: text")

    return check


def missing(rule: str, en: str, zh: str, accepts: str) -> Incomplete:
    """Return the refusal of what lacks a part that a rule asks for."""
    return Incomplete("reason_missing", en, zh=zh, rule=rule, accepts=accepts)


def taken(rule: str, what: str, number: str) -> Conflict:
    """Return the refusal of a number that names another item of the file."""
    return Conflict(
        "identifier_taken",
        f"the number {number} names a {what} already",
        zh=f"编号 {number} 已被使用",
        rule=rule,
        accepts="a number of its own",
    )


def unknown(rule: str, what: str, number: str) -> Unknown:
    """Return the refusal of a number that names no item of the file."""
    return Unknown(
        "unknown_code",
        f"this file has no {what} {number}",
        zh=f"本档案没有编号为 {number} 的记录",
        rule=rule,
        accepts=f"the number of a {what} on file",
    )


def refuse(now: Now, refusal: Refusal) -> None:
    """Refuse an order with an outcome of its own; keep and flag what has already happened (CORE-04)."""
    if not now.happened:
        raise refusal
    now.require(False, refusal.code, refusal.rule, refusal.message, zh=refusal.zh, accepts=refusal.accepts)
