"""Who may do what: the least of role, level and section, as one pure function over plain values (CORE-67)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

import attrs

from guanxi.kernel.errors import NotPermitted
from guanxi.relationship.access.events import Content, Role
from guanxi.relationship.access.rules import AccessRules

Deed = Literal[
    "view",
    "list",
    "submit",
    "propose",
    "record",
    "approve",
    "assign",
    "master",
    "transfer",
    "document",
    "correct_own",
    "correct_others",
    "account",
    "account_execute",
    "freeze",
    "grant",
    "design",
    "technical",
    "own_account",
    "staff_view",
]
"""Everything that somebody may do, in the words of the table of roles."""
DEEDS: tuple[Deed, ...] = get_args(Deed)

EVERYWHERE = "*"
"""The section of a level that holds in all of them."""

SEES_SECTION: frozenset[Role] = frozenset(("section_head", "designated", "file_keeper"))
SEES_ALL: frozenset[Role] = frozenset(("group_management", "auditor"))

MAY: Mapping[Role, frozenset[Deed]] = {
    "group_management": frozenset(
        ("view", "list", "assign", "freeze", "grant", "design", "own_account", "staff_view")
    ),
    "group_marketing": frozenset(
        ("transfer", "account_execute", "freeze", "design", "own_account", "staff_view")
    ),
    "section_head": frozenset(
        (
            "view",
            "list",
            "submit",
            "propose",
            "record",
            "approve",
            "assign",
            "correct_own",
            "correct_others",
            "freeze",
            "grant",
            "design",
            "own_account",
            "staff_view",
        )
    ),
    "business": frozenset(
        (
            "view",
            "list",
            "submit",
            "propose",
            "record",
            "correct_own",
            "correct_others",
            "grant",
            "design",
            "own_account",
        )
    ),
    "section_admin": frozenset(("account", "freeze", "grant", "own_account", "staff_view")),
    "system_admin": frozenset(("technical", "own_account")),
    "designated": frozenset(
        (
            "view",
            "list",
            "submit",
            "propose",
            "master",
            "correct_own",
            "correct_others",
            "design",
            "own_account",
        )
    ),
    "file_keeper": frozenset(
        ("view", "list", "submit", "propose", "document", "correct_own", "correct_others", "own_account")
    ),
    "adviser": frozenset(("view", "submit", "propose", "own_account")),
    "auditor": frozenset(("view", "list", "own_account", "staff_view")),
}
"""What a role may at most."""

OWN_ONLY: frozenset[Deed] = frozenset(("record",))
"""What is done on one's own customers alone: a superior reads what his people read, and posts nothing for them."""

NO_CUSTOMER: frozenset[Deed] = frozenset(
    ("account", "account_execute", "freeze", "grant", "design", "technical", "own_account", "staff_view")
)
"""What concerns no customer's content, so that no level of reading or writing it is needed."""


def level_for(deed: Deed, rules: AccessRules) -> int:
    """Return the least level for a deed."""
    if deed in ("view", "list"):
        return rules.read_level
    if deed in ("submit", "propose"):
        return rules.submit_level
    if deed in ("master", "correct_others"):
        return rules.edit_level
    if deed == "design":
        return rules.design_level
    if deed == "grant":
        return rules.grant_level
    return 0 if deed in NO_CUSTOMER else rules.record_level


@attrs.frozen
class Holding:
    """A post that somebody holds: its role, its section (None for the whole group), what it grants beyond the role."""

    role: Role
    section: str | None = None
    grants: tuple[str, ...] = ()


@attrs.frozen
class Standing:
    """What somebody is at a moment.

    Args:
        user: who.
        kind: ``person``, ``agent`` or ``outside``; empty where nobody enrolled him.
        active: whether his account is neither frozen nor closed.
        holdings: the posts that he holds.
        levels: how far he may go, by section and kind of content.
    """

    user: str
    kind: str = ""
    active: bool = True
    holdings: tuple[Holding, ...] = ()
    levels: Mapping[tuple[str, Content], int] = attrs.field(factory=dict)

    def level(self, section: str | None, content: Content) -> int:
        """Return how far he may go in a section; in any, where it is not said in which."""
        if section is None:
            return max((n for (_, kind), n in self.levels.items() if kind == content), default=0)
        return max(self.levels.get((section, content), 0), self.levels.get((EVERYWHERE, content), 0))


@attrs.frozen
class Target:
    """What somebody wants to do it to.

    Args:
        section: the business unit it is in; None where none is known.
        content: what kind of content it is.
        own: whether it is his own customer, or work of his own on one.
        reads: whether he may read it on another ground: oversight, a subordinate's customer, an approved look-up, the customer's presence.
        command: the command's stored name, for what a post grants beyond its role.
    """

    section: str | None = None
    content: Content = "customer"
    own: bool = False
    reads: bool = False
    command: str = ""


def refusal_of(who: Standing, deed: Deed, target: Target, rules: AccessRules) -> NotPermitted | None:
    """Return why somebody may not, or None where he may.

    Args:
        who: he, at this moment.
        deed: what he wants to do.
        target: to what.
        rules: the access rules in force.
    """
    if who.kind == "outside":
        return disclosure_refused(who.user)
    if not who.kind or not who.active or not who.holdings:
        return not_authorised(who.user, deed)
    able = [h for h in who.holdings if deed in MAY[h.role] or target.command in h.grants]
    if not able:
        return not_authorised(who.user, deed)
    here = [h for h in able if h.section is None or target.section in (None, h.section)]
    if not here:
        return section_closed(who.user, target.section)
    if who.level(target.section, target.content) < level_for(deed, rules):
        return not_authorised(who.user, deed)
    if any(target.command in h.grants for h in here) and target.command:
        return None
    if deed in OWN_ONLY and not target.own:
        return not_authorised(who.user, deed)
    if deed == "view" and not (target.own or target.reads or any(map(_sees, here))):
        return lookup_not_approved(who.user)
    if deed == "list" and not any(map(_sees, here)):
        return lookup_not_approved(who.user)
    return None


def _sees(holding: Holding) -> bool:
    return holding.role in SEES_ALL or holding.role in SEES_SECTION


def not_authorised(user: str, what: str) -> NotPermitted:
    """Return the refusal of what somebody's role or level does not give him."""
    return NotPermitted(
        "not_authorised",
        f"{user} has no right to this: {what}",
        zh=f"{user} 无权执行此操作：{what}",
        rule="CORE-67",
        accepts="somebody whose role and level allow it",
    )


def section_closed(user: str, section: str | None) -> NotPermitted:
    """Return the refusal of another section's content."""
    return NotPermitted(
        "section_closed",
        f"{user} has no post in section {section}",
        zh=f"{user} 不属于版块 {section}",
        rule="CORE-22",
        accepts="customers of one's own section",
    )


def file_closed(user: str) -> NotPermitted:
    """Return the refusal of a file in another section, in the words that are said of one that does not exist, too."""
    return NotPermitted(
        "section_closed",
        f"{user} is shown no such file: it is in a section in which he has no post, or there is none",
        zh=f"{user} 不能查阅该档案：它属于其岗位以外的版块，或并不存在",
        rule="CORE-22",
        accepts="customers of one's own section",
    )


def lookup_not_approved(user: str) -> NotPermitted:
    """Return the refusal of a customer who is not one's own."""
    return NotPermitted(
        "lookup_not_approved",
        f"the customer is not {user}'s own, and no look-up approval is in force",
        zh=f"该客户并非 {user} 所维护，且没有有效的查阅批准",
        rule="CORE-69",
        accepts="a look-up that the department manager approved beforehand",
    )


def disclosure_refused(user: str) -> NotPermitted:
    """Return the refusal of what must not leave the company."""
    return NotPermitted(
        "disclosure_refused",
        f"nothing is disclosed to {user}, outside the company",
        zh=f"不得向公司外部人员 {user} 披露",
        rule="CORE-70",
        accepts="the customer himself, or a binding legal order recorded with its basis",
    )
