"""Checks that several subjects of service share."""

from __future__ import annotations

from typing import Any

import attrs

from guanxi.kernel.errors import Conflict, Incomplete, Unknown


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
