"""What a host, or a plugin for it, may set about papers: the gate, filing, borrowing and retention."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import attrs

from guanxi.kernel.errors import Unknown
from guanxi.kernel.labels import Label
from guanxi.kernel.rules import RuleSet, parameter, rule_set

DAYS, YEARS, PERCENT = Label("days", "天"), Label("years", "年"), Label("%", "%")
WHOLE = Decimal(100)
"""A whole, in per cent."""
ANY_TYPE = "*"
"""Names every type of paper."""
PERMANENT = 0
"""Period of a class that is never destroyed."""

FILE_OPENED, CONTRACT_SIGNED, CONTRACT_AMENDED = "file_opened", "contract_signed", "contract_amended"
DECISION_TAKEN, ROLE_TAKEN = "collective_decision_taken", "role_taken"
TRIGGERS = (FILE_OPENED, CONTRACT_SIGNED, CONTRACT_AMENDED, DECISION_TAKEN)
"""What happens in a file that calls for papers; so does a role taken, such as ``role_taken/supplier``."""


def _known_triggers(_: object, attribute: attrs.Attribute[Any], value: Mapping[str, tuple[str, ...]]) -> None:
    for name in value:
        if name not in TRIGGERS and not name.startswith(f"{ROLE_TAKEN}/"):
            raise Unknown(
                "unknown_code",
                f"{name!r} calls for no papers",
                zh=f"{name!r} 不能作为归档触发事项",
                rule="CORE-64",
                accepts=f"{', '.join(TRIGGERS)}, or {ROLE_TAKEN}/supplier",
            )


@rule_set("core.intake", Label("Intake gate", "归档验收"))
class IntakeRules(RuleSet):
    """What a paper must have to be taken in, by its type (CORE-63)."""

    signatures: Mapping[str, tuple[str, ...]] = parameter(
        factory=lambda: {"contract": ("customer", "firm")},
        label=Label("who must have signed", "须签字方"),
        ours=True,
    )
    fields: Mapping[str, tuple[str, ...]] = parameter(
        factory=dict, label=Label("fields that must be filled in", "必填项"), ours=True
    )
    enclosures: Mapping[str, tuple[str, ...]] = parameter(
        factory=dict, label=Label("what must come with it", "须附材料"), ours=True
    )
    lasting_classes: tuple[str, ...] = parameter(
        ("permanent", "long_term"), label=Label("classes kept for long", "永久及长期保管类别")
    )
    unlasting_media: tuple[str, ...] = parameter(
        ("thermal_paper", "pencil", "ball_point", "pure_blue_ink", "carbon_copy"),
        label=Label("papers and inks that do not last", "不耐久的纸墨"),
    )
    identity_types: tuple[str, ...] = parameter(
        ("id_card", "passport", "business_licence"),
        label=Label("identity papers, whose copies must be verified", "复印件须核验的证件"),
        ours=True,
    )


@rule_set("core.filing", Label("Filing", "归档"))
class FilingRules(RuleSet):
    """Which papers are due after what, how soon, and how many must be there (CORE-64)."""

    filing_due_days: int = parameter(
        30, label=Label("days until a paper is filed", "归档期限"), unit=DAYS, minimum=0, ours=True
    )
    scope: Mapping[str, tuple[str, ...]] = parameter(
        factory=dict,
        label=Label("types of paper by what calls for them", "归档范围"),
        validator=_known_triggers,
        ours=True,
    )
    target: Decimal = parameter(
        Decimal(98), label=Label("rates to be reached", "应达比率"), unit=PERCENT, minimum=0, maximum=WHOLE
    )

    def meets(self, part: int, total: int) -> bool | None:
        """Return whether a rate reaches the target, compared unrounded; None where nothing was due.

        Args:
            part: how many are there.
            total: how many were due.
        """
        return None if total == 0 else part * WHOLE >= self.target * total


@rule_set("core.borrowing", Label("Borrowing", "借阅"))
class BorrowingRules(RuleSet):
    """Who may borrow papers, and for how long (CORE-65)."""

    borrowers: tuple[str, ...] = parameter((), label=Label("people who may borrow", "有权借阅人"), ours=True)
    loan_days: int = parameter(15, label=Label("days of a loan", "借阅天数"), unit=DAYS, minimum=1, ours=True)


@rule_set("core.retention", Label("Retention", "保管期限"))
class RetentionRules(RuleSet):
    """How long papers are kept after the end of the relationship (CORE-66).

    ``classes`` says which duties a type of paper falls under, ``*`` for every type; ``periods`` how many years each runs, 0 for
    ever. The core sets none: plugins and hosts do.
    """

    classes: Mapping[str, tuple[str, ...]] = parameter(
        factory=dict, label=Label("retention classes by type of paper", "各类档案的保管类别"), ours=True
    )
    periods: Mapping[str, int] = parameter(
        factory=dict, label=Label("years by retention class", "各类别保管年限"), unit=YEARS, minimum=0
    )
    review_days: int = parameter(
        90,
        label=Label("days until expired papers are reviewed", "到期鉴定期限"),
        unit=DAYS,
        minimum=0,
        ours=True,
    )

    def duties(self, document_type: str, stated: str | None) -> list[str]:
        """Return the retention classes with a period that a paper falls under.

        Args:
            document_type: its type.
            stated: the class it was taken in under, if one was named.
        """
        own: Iterable[str] = () if stated is None else (stated,)
        named = (*own, *self.classes.get(document_type, ()), *self.classes.get(ANY_TYPE, ()))
        return sorted({one for one in named if one in self.periods})

    def years(self, document_type: str, stated: str | None) -> int | None:
        """Return the longest period that applies, ``PERMANENT`` for ever, or None where none is set.

        Args:
            document_type: the paper's type.
            stated: the class it was taken in under, if one was named.
        """
        periods = [self.periods[one] for one in self.duties(document_type, stated)]
        if not periods:
            return None
        return PERMANENT if PERMANENT in periods else max(periods)


RULE_SETS = (IntakeRules, FilingRules, BorrowingRules, RetentionRules)
