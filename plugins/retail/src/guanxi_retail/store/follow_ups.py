"""How new card and points rules went, in the house's own record (RET-55)."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from guanxi import Act, Facet, Incomplete, Label, Now, Unknown
from guanxi.relationship.governance.events import RuleSetReviewed
from guanxi.relationship.governance.house import SUBJECT
from guanxi_retail.store.commands import FollowUpCardRules
from guanxi_retail.store.events import CardRulesFollowedUp
from guanxi_retail.store.rules import CardFollowUpRules

MEASURE, NONE = "measure", "none"


@attrs.define
class FollowUps:
    """Which versions were followed up."""

    done: dict[str, int] = attrs.field(factory=dict)


follow_ups = Facet(
    "retail.follow_ups", FollowUps, subject=SUBJECT, title=Label("Follow-up of card rules", "会员卡制度跟踪")
)


@follow_ups.evolve
def _followed_up(s: FollowUps, e: CardRulesFollowedUp) -> None:
    s.done[e.rule_set] = max(e.version, s.done.get(e.rule_set, 0))


@follow_ups.decide
def _follow_up(s: FollowUps, c: FollowUpCardRules, now: Now) -> Iterator[Act]:
    known = now.rules(CardFollowUpRules).rule_sets
    if c.rule_set not in known:
        raise Unknown(
            "unknown_code",
            f"{c.rule_set} is no rule set that is followed up",
            zh=f"{c.rule_set} 不在跟踪范围",
            rule="RET-55",
            accepts=", ".join(known),
        )
    feedback, operation = (
        _part(c.feedback, "feedback", "会员反馈"),
        _part(c.operation, "operation", "运行情况"),
    )
    improvement = _part(c.improvement, "improvement", "改进")
    vip_traits = _part(c.vip_traits, "vip_traits", "VIP消费特点与需求")
    if improvement not in (MEASURE, NONE):
        raise Unknown(
            "unknown_code",
            f"improvement is {improvement!r}",
            zh=f"改进为 {improvement!r}",
            rule="RET-55",
            accepts=f"{MEASURE}, {NONE}",
        )
    if improvement == NONE and not c.because:
        raise Incomplete(
            "reason_missing",
            "nothing is to be improved, and why is not said",
            zh="无改进措施，但未说明原因",
            rule="RET-55",
            accepts="because=...",
        )
    yield CardRulesFollowedUp(
        rule_set=c.rule_set,
        version=c.version,
        feedback=feedback,
        operation=operation,
        vip_traits=vip_traits,
        measure=_part(c.measure, "measure", "改进措施") if improvement == MEASURE else None,
        no_measure_because=c.because if improvement == NONE else None,
    )
    yield RuleSetReviewed(rule_set=c.rule_set, version=c.version, changed=False)


def _part(text: str | None, name: str, zh: str) -> str:
    if text is None or not text.strip():
        raise Incomplete(
            "review_incomplete",
            f"the part {name} is missing",
            zh=f"缺少“{zh}”部分",
            rule="RET-55",
            accepts=f"{name}=...",
        )
    return text
