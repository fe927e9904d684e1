"""What may be told about why customers leave."""

from __future__ import annotations

from typing import Any, get_args

import attrs

from guanxi import Command, Unknown, command, field, personal
from guanxi_retail.analysis.events import ExitReason


def _known(_: object, attribute: attrs.Attribute[Any], value: str) -> None:
    if value not in get_args(ExitReason):
        raise Unknown(
            "unknown_code",
            f"{attribute.name} is {value!r}",
            zh=f"{attribute.name} 为 {value!r}",
            rule="RET-IN-b",
            accepts=", ".join(get_args(ExitReason)),
        )


@command("retail.record_exit_reason")
class RecordExitReason(Command):
    """Record why a customer buys no longer; his file stays open.

    Args:
        reason_code: ``product``, ``price``, ``competitor``, ``service``, ``location``, ``stock``, ``need_ended`` or ``unknown``.
        detail: more of it, in words.
    """

    reason_code: ExitReason = field(validator=_known)
    detail: str | None = personal("dealings", default=None)


COMMANDS = (RecordExitReason,)
