"""What commands of the shop floor accept in their fields: codes, moments, days."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, get_args

import attrs

from guanxi import Invalid, Unknown
from guanxi_retail.store.events import ClauseResult

_EARLIEST = date(1900, 1, 1)


def one_of(*codes: str) -> Any:
    """Return a validator that takes these codes and no other."""

    def check(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
        if value not in codes:
            raise Unknown(
                "unknown_code",
                f"{attribute.name} is {value!r}",
                zh=f"{attribute.name} 为 {value!r}",
                rule="RET-IN-b",
                accepts=", ".join(codes),
            )

    return check


def results(_: object, attribute: attrs.Attribute[Any], value: dict[str, str]) -> None:
    """Refuse what is no result of a clause (RET-56)."""
    for result in value.values():
        one_of(*get_args(ClauseResult))(_, attribute, result)


def with_zone(_: object, attribute: attrs.Attribute[Any], value: datetime) -> None:
    """Refuse a moment without its time zone."""
    if value.tzinfo is None:
        raise Invalid(
            "invalid_date",
            f"{attribute.name} is {value.isoformat()}, without a time zone",
            zh=f"{attribute.name} 为 {value.isoformat()}，缺少时区",
            rule="RET-IN-a",
            accepts="a moment with its time zone",
        )


def after_begin(c: Any, attribute: attrs.Attribute[Any], value: datetime) -> None:
    """Refuse an end that is not after the beginning."""
    with_zone(c, attribute, value)
    if value <= c.begins:
        raise Invalid(
            "invalid_date",
            f"it ends at {value.isoformat()}, not after {c.begins.isoformat()}",
            zh=f"结束时间 {value.isoformat()} 不晚于开始时间 {c.begins.isoformat()}",
            rule="RET-IN-a",
            accepts="a moment after the beginning",
        )


def of_our_time(_: object, attribute: attrs.Attribute[Any], value: date | None) -> None:
    """Refuse a day so far back that what is due from then on would have no end."""
    if value is not None and value < _EARLIEST:
        raise Invalid(
            "invalid_date",
            f"{attribute.name} is {value}",
            zh=f"{attribute.name} 为 {value}",
            rule="RET-IN-a",
            accepts=f"a day from {_EARLIEST} on",
        )
