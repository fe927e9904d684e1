"""What a host may set about files: what opening takes, what a file is to hold, when it is stale, how parties belong together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import attrs
import phonenumbers

from guanxi.kernel.errors import Unknown
from guanxi.kernel.labels import Label
from guanxi.kernel.rules import RuleSet, parameter, rule_set

Enforcement = Literal["warn", "refuse"]
RollupBasis = Literal["occurred", "report"]

MONTHS, KINDS = Label("months", "个月"), Label("kinds", "种")


@rule_set("core.opening", Label("Opening a file", "建档规则"))
class OpeningRules(RuleSet):
    """What has to be known to open a file of a person or an organisation (CORE-08)."""

    require_contact: bool = parameter(
        default=False,
        label=Label("opening needs a contact point or identifier", "建档须有联系方式或标识"),
        ours=True,
    )
    min_contact_kinds: int = parameter(
        default=2,
        label=Label("contact methods to be obtained", "应取得的联系方式种数"),
        unit=KINDS,
        minimum=0,
        ours=True,
    )
    enforce: Enforcement = parameter(
        default="warn", label=Label("where they are fewer", "联系方式不足时"), ours=True
    )


def _region(_: object, attribute: attrs.Attribute[Any], value: str) -> None:
    if value not in phonenumbers.SUPPORTED_REGIONS:
        raise Unknown(
            "unknown_code",
            f"{value!r} is no region with telephone numbers",
            zh=f"{value!r} 不是有电话号码的地区",
            rule="CORE-15",
            accepts="an ISO 3166 code, such as CN or HK",
        )


def _scripts() -> dict[str, str]:
    return {
        "one": "您好，请问是本人吗？ / Hello, am I speaking to the holder of this number?",
        "several": "您好，请问您是哪一位？ / Hello, who is calling, please?",
        "none": "您好，请问怎么称呼您？ / Hello, may I ask your name?",
    }


@rule_set("core.telephone", Label("Telephone numbers", "电话号码规则"))
class TelephoneRules(RuleSet):
    """How a number without a country code is completed, and what is said to who calls (CORE-15).

    ``scripts`` holds the words by situation: ``one``, ``several`` or ``none`` that hold the number.
    """

    default_region: str = parameter(
        default="CN",
        label=Label("region of numbers without a country code", "无国家代码号码的地区"),
        validator=_region,
    )
    scripts: Mapping[str, str] = parameter(
        factory=_scripts, label=Label("what the agent says", "话术"), ours=True
    )


def _required() -> dict[str, tuple[str, ...]]:
    return {
        "person": ("name", "contact", "identifier", "address", "work_unit", "post"),
        "organisation": ("name", "contact", "identifier", "address", "industry", "region"),
    }


@rule_set("core.profile", Label("Profile", "资料规则"))
class ProfileRules(RuleSet):
    """Which fields a file is to hold, and how long it stays fresh (CORE-09, CORE-10).

    ``required`` names them by party kind, or by kind and importance: ``person`` or ``person/vip``. A field is the name of a
    profile fact, or ``name``, ``contact``, ``identifier``, or one of their sorts such as ``contact.mobile``.
    """

    required: Mapping[str, tuple[str, ...]] = parameter(
        factory=_required,
        label=Label("required fields by party kind and importance", "各类主体的必填字段"),
        ours=True,
    )
    erased_leave: bool = parameter(
        default=True,
        label=Label("lawfully erased fields are not required", "依法删除的字段不计入应填"),
        ours=True,
    )
    stale_after_months: int = parameter(
        default=12,
        label=Label("stale without a change for", "未更新视为陈旧"),
        unit=MONTHS,
        minimum=1,
        ours=True,
    )

    def fields_of(self, party: str, importance: str | None = None) -> tuple[str, ...]:
        """Return the fields a file is to hold.

        Args:
            party: kind of party.
            importance: its class of importance, where it has one.
        """
        if importance is not None and (own := self.required.get(f"{party}/{importance}")) is not None:
            return own
        return self.required.get(party, ())


@rule_set("core.belonging", Label("Households and groups", "家庭与集团规则"))
class BelongingRules(RuleSet):
    """How parties belong to households and groups (CORE-14)."""

    one_at_a_time: bool = parameter(
        default=True,
        label=Label("one household and one group of a type at a time", "同类家庭或集团同时只属其一"),
        ours=True,
    )
    rollup_basis: RollupBasis = parameter(
        default="occurred", label=Label("members count as of", "汇总口径"), ours=True
    )
