"""Values that a person types as ``name=value``, turned into what a field or a parameter takes."""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import attrs
import msgspec

from guanxi import Invalid, Money
from guanxi_adapters.cli.language import say
from guanxi_adapters.cli.wording import portable

_TRUE, _FALSE = ("yes", "true", "1", "是"), ("no", "false", "0", "否")
_MONEY = re.compile(r"(?P<amount>[-+]?[\d.,]+)\s*(?P<currency>[A-Za-z]{3})\Z")


def split(pairs: Iterable[str]) -> dict[str, str]:
    """Return ``name=value`` texts by name.

    Raises:
        Invalid: ``not_a_pair``.
    """
    out: dict[str, str] = {}
    for pair in pairs:
        name, mark, value = pair.partition("=")
        if not mark or not name:
            raise Invalid(
                "not_a_pair",
                f"{pair!r} has no name and value",
                zh=f"{pair!r} 缺少名称或值",
                accepts="name=value",
            )
        out[name.strip()] = value
    return out


def typed(values: Mapping[str, str], cls: type[Any]) -> dict[str, Any]:
    """Return typed values for the fields of an attrs class.

    Raises:
        Invalid: ``unknown_field`` or ``out_of_scale``, saying what is taken.
    """
    hints = typing.get_type_hints(cls)
    names = [a.name for a in attrs.fields(cls)]
    if extra := sorted(set(values) - set(names)):
        unknown = ", ".join(extra)
        raise Invalid(
            "unknown_field",
            f"there is no field {unknown}",
            zh=f"没有字段 {unknown}",
            accepts=", ".join(names) or "none",
        )
    return {name: _read(name, text, hints[name]) for name, text in values.items()}


def _read(name: str, text: str, hint: Any) -> Any:
    if text == "" and type(None) in _options(hint):
        return None
    try:
        return _of_kind(text, hint)
    except (ValueError, TypeError, msgspec.ValidationError) as error:
        raise Invalid(
            "out_of_scale", f"{name} cannot be {text!r}", zh=f"{name} 不能为 {text!r}", accepts=kind(hint)
        ) from error


def _of_kind(text: str, hint: Any) -> Any:
    options = [h for h in _options(hint) if h is not type(None)]
    if str in options and len(options) == 1:
        return text
    if Money in options:
        return _money(text)
    if bool in options:
        return _yes_or_no(text)
    if text[:1] in "[{" and text:
        return msgspec.convert(msgspec.json.decode(text), hint, strict=False)
    if any(typing.get_origin(h) in (list, tuple, set, frozenset) for h in options):
        return msgspec.convert([t.strip() for t in text.split(",") if t.strip()], hint, strict=False)
    return msgspec.convert(text, hint, strict=False)


def _money(text: str) -> Money:
    found = _MONEY.match(text.strip())
    if found is None:
        raise ValueError(text)
    return Money(found["amount"].replace(",", ""), found["currency"].upper())


def _yes_or_no(text: str) -> bool:
    word = text.strip().lower()
    if word not in _TRUE + _FALSE:
        raise ValueError(text)
    return word in _TRUE


def kind(hint: Any) -> str:
    """Return in words what a field takes."""
    options = [h for h in _options(hint) if h is not type(None)]
    return " | ".join(_kind(h) for h in options) or say("text")


def default(attribute: Any) -> str:
    """Return a field's default as one would type it; nothing where there is none."""
    value = attribute.default
    if isinstance(value, attrs.Factory):  # type: ignore[arg-type]  # a class at run time
        value = value.factory()
    if value is attrs.NOTHING or value in (None, {}, ()):
        return ""
    plain = portable(value)
    return ",".join(map(str, plain)) if isinstance(plain, list) else str(plain)


def _kind(hint: Any) -> str:
    origin = typing.get_origin(hint)
    if origin is typing.Literal:
        return "|".join(str(v) for v in typing.get_args(hint))
    if origin in (list, tuple, set, frozenset):
        return say("list, separated by commas")
    named = {
        str: say("text"),
        int: say("whole number"),
        Decimal: say("number"),
        bool: say("yes or no"),
        date: say("date"),
        datetime: say("date and time"),
        Money: say("money, such as 128.00CNY"),
    }
    return named.get(hint, say("JSON") if origin is dict else str(getattr(hint, "__name__", hint)))


def _options(hint: Any) -> tuple[Any, ...]:
    origin = typing.get_origin(hint)
    return typing.get_args(hint) if origin is typing.Union or isinstance(hint, types.UnionType) else (hint,)
