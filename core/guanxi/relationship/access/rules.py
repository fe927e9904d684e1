"""What a host may set about access."""

from __future__ import annotations

from collections.abc import Mapping

from guanxi.kernel.labels import Label
from guanxi.kernel.rules import RuleSet, parameter, rule_set

WORKING_DAYS = Label("working days", "个工作日")
DAYS = Label("days", "天")
LEVEL = Label("level", "级")


@rule_set("core.access", Label("Access", "访问权限"))
class AccessRules(RuleSet):
    """Who may do what (CORE-67). Nothing is refused until a version is published that says so."""

    enforced: bool = parameter(
        default=False, label=Label("access rules are in force", "启用访问规则"), ours=True
    )
    submit_level: int = parameter(
        1, label=Label("level that submits", "提交所需级别"), unit=LEVEL, minimum=1, maximum=6, ours=True
    )
    read_level: int = parameter(
        2, label=Label("level that reads", "阅读所需级别"), unit=LEVEL, minimum=1, maximum=6, ours=True
    )
    record_level: int = parameter(
        3, label=Label("level that records", "登记所需级别"), unit=LEVEL, minimum=1, maximum=6, ours=True
    )
    edit_level: int = parameter(
        4,
        label=Label("level that posts master data and corrects others", "维护主数据、更正他人记录所需级别"),
        unit=LEVEL,
        minimum=1,
        maximum=6,
        ours=True,
    )
    design_level: int = parameter(
        5,
        label=Label("level that designs forms, reports and rule sets", "设计表单、报表、规则集所需级别"),
        unit=LEVEL,
        minimum=1,
        maximum=6,
        ours=True,
    )
    grant_level: int = parameter(
        6,
        label=Label("level that grants access", "授权所需级别"),
        unit=LEVEL,
        minimum=1,
        maximum=6,
        ours=True,
    )
    lookup_working_days: int = parameter(
        1,
        label=Label("a look-up approval holds for", "查阅批准有效期"),
        unit=WORKING_DAYS,
        minimum=1,
        ours=True,
    )
    exempt_channels: tuple[str, ...] = parameter(
        ("call", "counter"),
        label=Label("channels by which the customer is present himself", "客户在场的渠道"),
        ours=True,
    )
    not_shown: Mapping[str, tuple[str, ...]] = parameter(
        factory=dict,
        label=Label("sections of the whole view that a role is not shown", "各角色不可见的客户全貌栏目"),
        ours=True,
    )
    prior_view_days: int = parameter(
        7,
        label=Label("the file is looked into before marketing, at most so long before", "营销前查阅档案期限"),
        unit=DAYS,
        minimum=0,
        ours=True,
    )
    deeds: Mapping[str, str] = parameter(
        factory=dict,
        label=Label("what a command counts as, by its name", "命令的权限类别"),
        ours=True,
    )


@rule_set("core.accounts", Label("Accounts and log-ins", "账号与登录"))
class AccountRules(RuleSet):
    """How soon an account is seen to, and how often people log in (CORE-71, CORE-72)."""

    request_working_days: int = parameter(
        1,
        label=Label("account change to be submitted within", "账号变更提交期限"),
        unit=WORKING_DAYS,
        minimum=1,
    )
    logins_on_trip: int = parameter(
        2,
        label=Label("days with a log-in in a week on duty trip", "出差每周登录天数"),
        unit=DAYS,
        minimum=1,
        maximum=7,
    )
    silent_days: int = parameter(
        14,
        label=Label("days without log-in until somebody is listed", "连续未登录列入通报天数"),
        unit=DAYS,
        minimum=1,
        ours=True,
    )
