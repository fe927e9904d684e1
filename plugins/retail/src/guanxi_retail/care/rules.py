"""Rule set of care: how far ahead birthdays are listed, on which channels members hear from us, how often events are held."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

import attrs

from guanxi import Invalid, Label, RuleSet, parameter, rule_set
from guanxi_retail.parameters import DAYS, MONTHS, ours

BirthdayCalendar = Literal["solar", "lunar"]
LeapDay = Literal["february_28", "march_1"]

_LEAP_YEAR, _YEAR, _CENTURY = 2000, 366, 1200


def _fixed_days() -> dict[str, str]:
    return {"new_year": "01-01", "labour": "05-01", "national": "10-01"}


def _readable(_: object, attribute: attrs.Attribute[Any], value: Mapping[str, str]) -> None:
    for day in value.values():
        try:
            date.fromisoformat(f"{_LEAP_YEAR}-{day}")
        except ValueError as error:
            raise Invalid(
                "invalid_date", f"{day!r} is no day of the year", zh=f"{day!r} 不是日期", accepts="10-01"
            ) from error


@rule_set("retail.care", Label("Care", "会员关怀"))
class CareRules(RuleSet):
    """Occasions, channels and rhythm of care (RET-29 to RET-32); festivals, windows and the weekday are the core's."""

    look_ahead_days: int = ours(
        7, "birthdays are listed, days ahead", "近期生日天数", DAYS, minimum=0, maximum=_YEAR
    )
    birthday_calendar: BirthdayCalendar = parameter(
        default="solar", label=Label("calendar of birthdays", "生日历法")
    )
    leap_day: LeapDay = ours("february_28", "in common years 29 February falls on", "平年 2 月 29 日生日按")
    birth_field: str = ours("birth_date", "profile field of the birthday", "生日字段")
    message_channel: str = parameter(default="sms", label=Label("channel of messages", "消息渠道"))
    letter_channel: str = parameter(default="letter", label=Label("channel of letters", "信函渠道"))
    phone_types: tuple[str, ...] = ours(
        ("mobile", "phone"), "contact points that messages go to", "接收消息的联系方式"
    )
    fixed_holidays: Mapping[str, str] = parameter(
        factory=_fixed_days,
        label=Label("festivals whose day is known before the year is published", "固定日期节日"),
        validator=_readable,
        ours=True,
    )
    event_months_least: int = parameter(
        default=1,
        label=Label("months between store events, at least", "门店活动最短间隔"),
        unit=MONTHS,
        minimum=1,
        maximum=_CENTURY,
    )
    event_months_most: int = parameter(
        default=2,
        label=Label("months between store events, at most", "门店活动最长间隔"),
        unit=MONTHS,
        minimum=1,
        maximum=_CENTURY,
    )

    def birthday(self, born: date, year: int) -> date:
        """Return when a birthday comes round in a year.

        Args:
            born: the day of birth.
            year: the year.
        """
        try:
            return born.replace(year=year)
        except ValueError:
            return date(year, 3, 1) if self.leap_day == "march_1" else date(year, 2, 28)

    def fixed_day(self, code: str, year: int) -> date | None:
        """Return the day of a festival that falls on the same one every year, or None.

        Args:
            code: the festival's.
            year: the year.
        """
        day = self.fixed_holidays.get(code)
        try:
            return None if day is None else date.fromisoformat(f"{year:04}-{day}")
        except ValueError:  # 29 February in a common year
            return None


RULE_SETS = (CareRules,)
