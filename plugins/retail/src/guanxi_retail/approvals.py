"""What is the same wherever a second person approves: that it is another one, and that a refusal says why."""

from __future__ import annotations

from guanxi import Incomplete, NotPermitted


def require_other(approver: str, *authors: str, rule: str) -> None:
    """Refuse an approval by who entered the matter.

    Args:
        approver: who approves.
        *authors: who entered or asked for it.
        rule: that asks for a second person.

    Raises:
        NotPermitted: ``approver_conflict``.
    """
    if approver in authors:
        raise NotPermitted(
            "approver_conflict",
            f"{approver} entered it and cannot approve it",
            zh=f"{approver} 为经办人，不能批准",
            rule=rule,
            accepts="another approver",
        )


def require_reason(outcome: str, reason: str | None, *, rule: str) -> None:
    """Refuse a refusal that does not say why.

    Args:
        outcome: ``approved`` or ``refused``.
        reason: why.
        rule: that asks for a second person.

    Raises:
        Incomplete: ``reason_missing``.
    """
    if outcome == "refused" and not (reason and reason.strip()):
        raise Incomplete(
            "reason_missing",
            "a refusal needs a reason",
            zh="拒绝须说明原因",
            rule=rule,
            accepts="reason=...",
        )
