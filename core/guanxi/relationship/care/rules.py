"""What a host may set about contact and care."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from typing import Any

import attrs

from guanxi.kernel.errors import Invalid, Unknown
from guanxi.kernel.labels import Label
from guanxi.kernel.rules import RuleSet, parameter, rule_set

DAYS, YEARS = Label("days", "天"), Label("years", "岁")
TOUCHES = Label("touches", "次")


def _hour(_: object, attribute: attrs.Attribute[Any], value: str) -> None:
    hour_of(value)


def hour_of(text: str) -> time:
    """Return an hour of the day, such as ``21:00``.

    Args:
        text: hours and minutes.

    Raises:
        Invalid: ``invalid_date``.
    """
    try:
        return time.fromisoformat(text)
    except ValueError as error:
        raise Invalid(
            "invalid_date", f"{text!r} is no hour of the day", zh=f"{text!r} 不是时刻", accepts="21:00"
        ) from error


def _known_levels(_: object, attribute: attrs.Attribute[Any], value: Mapping[str, int]) -> None:
    if wrong := sorted(set(value) - {"1", "2", "3", "4"}):
        raise Unknown(
            "unknown_code",
            f"{', '.join(wrong)}: no level of importance",
            zh=f"{'、'.join(wrong)} 不是重要程度级别",
            accepts="1, 2, 3 and 4",
        )


@rule_set("core.consent", Label("Consent", "同意"))
class ConsentRules(RuleSet):
    """Below which age a guardian consents (CORE-74)."""

    guardian_age: int = parameter(
        14,
        label=Label("a guardian consents below the age of", "须监护人同意的年龄上限"),
        unit=YEARS,
        minimum=0,
    )


@rule_set("core.age_bands", Label("Age bands", "年龄段"))
class AgeBandRules(RuleSet):
    """Where one age band ends and the next begins (CORE-96)."""

    first_years: tuple[int, ...] = parameter(
        default=(18, 30, 45, 60),
        label=Label("first age of each band above the lowest", "各年龄段起始年龄"),
        unit=YEARS,
        ours=True,
    )

    def band(self, age: int) -> str:
        """Return the band of an age, such as ``30-44``."""
        edges = (0, *sorted(self.first_years))
        first = max(edge for edge in edges if edge <= max(age, 0))
        beyond = next((edge for edge in edges if edge > first), None)
        return f"{first}+" if beyond is None else f"{first}-{beyond - 1}"


@rule_set("core.contact", Label("Contact", "接触"))
class ContactRules(RuleSet):
    """How often, and at which hours, we may turn to a customer (CORE-45, CORE-46)."""

    marketing_touches: int = parameter(
        4, label=Label("marketing touches at most", "营销接触次数上限"), unit=TOUCHES, minimum=0, ours=True
    )
    marketing_days: int = parameter(
        30, label=Label("in any so many days", "任意连续天数"), unit=DAYS, minimum=1, ours=True
    )
    touches_a_day: int = parameter(
        2,
        label=Label("touches we start a day, at most", "每日主动接触上限"),
        unit=TOUCHES,
        minimum=0,
        ours=True,
    )
    quiet_from: str = parameter("21:00", label=Label("quiet from", "免打扰起"), validator=_hour, ours=True)
    quiet_until: str = parameter("09:00", label=Label("quiet until", "免打扰止"), validator=_hour, ours=True)


def _intervals() -> dict[str, int]:
    return {"1": 7, "2": 30, "3": 90, "4": 180}


@rule_set("core.contact_density", Label("Contact density", "联络密度"))
class DensityRules(RuleSet):
    """How long a customer may go without hearing from us, by importance (CORE-44)."""

    interval_days: Mapping[str, int] = parameter(
        factory=_intervals,
        label=Label("days between contacts by level", "各级联络间隔"),
        unit=DAYS,
        minimum=1,
        validator=_known_levels,
        ours=True,
    )
    reminder_days: int = parameter(
        3, label=Label("reminder, days ahead", "提前提醒天数"), unit=DAYS, minimum=0, ours=True
    )

    def interval(self, level: int) -> int | None:
        """Return the days between contacts of a level; None where none are asked for."""
        return self.interval_days.get(str(level))


@rule_set("core.greetings", Label("Greetings", "问候"))
class GreetingRules(RuleSet):
    """Birthdays, festivals, days that mean something to the customer, and the weekly message (CORE-41 to CORE-43)."""

    birthday_days: int = parameter(
        7, label=Label("birthdays listed, days ahead", "近期生日天数"), unit=DAYS, minimum=0, ours=True
    )
    greeting_days_before: int = parameter(
        0, label=Label("greeting window, days before", "问候提前天数"), unit=DAYS, minimum=0
    )
    greeting_days_after: int = parameter(
        0, label=Label("greeting window, days after", "问候延后天数"), unit=DAYS, minimum=0
    )
    holidays: tuple[str, ...] = parameter(
        (
            "new_year",
            "spring_festival",
            "qingming",
            "labour",
            "dragon_boat",
            "mid_autumn",
            "national",
        ),
        label=Label("festivals greeted", "问候节日"),
    )
    holiday_exclude: tuple[str, ...] = parameter((), label=Label("festivals left out", "不问候的节日"))
    holiday_scope: tuple[str, ...] = parameter(
        ("maintenance",), label=Label("stages greeted on festivals", "节日问候的客户阶段"), ours=True
    )
    significant_fields: tuple[str, ...] = parameter(
        ("wedding_day", "founding_day", "memorial_day"),
        label=Label("profile fields with days that mean something", "纪念日字段"),
        ours=True,
    )
    weekly_weekday: int = parameter(
        5, label=Label("weekday of the weekly message, Monday 1", "每周问候星期"), minimum=1, maximum=7
    )


@rule_set("core.replenishment", Label("Replenishment and pay-day", "补货与收款"))
class ReplenishmentRules(RuleSet):
    """How run-out is reckoned (CORE-47)."""

    days_a_month: int = parameter(
        30, label=Label("days a month's use lasts", "月用量折算天数"), unit=DAYS, minimum=1, ours=True
    )
    use_field: str = parameter("monthly_use", label=Label("profile field of the monthly use", "月使用量字段"))
    stock_field: str = parameter(
        "stock_on_hand", label=Label("profile field of the stock on hand", "库存字段")
    )
    pay_day_field: str = parameter("pay_day", label=Label("profile field of the pay day", "发薪日字段"))


RULE_SETS = (
    AgeBandRules,
    ConsentRules,
    ContactRules,
    DensityRules,
    GreetingRules,
    ReplenishmentRules,
)
