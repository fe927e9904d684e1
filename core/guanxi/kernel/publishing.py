"""Publishes rule sets, and reckons anew what they change."""

from __future__ import annotations

from datetime import datetime

from guanxi.kernel.advancing import Advancing
from guanxi.kernel.appending import Appending
from guanxi.kernel.desk import ATTEMPTS, CUSTOMER, RULES_STREAM, RULES_SUBJECT, Desk, too_many_writers
from guanxi.kernel.errors import Incomplete, NotPermitted, RuleNotMet, Unknown
from guanxi.kernel.plans import Plans
from guanxi.kernel.ports import VersionConflict
from guanxi.kernel.rule_books import RuleBooks
from guanxi.kernel.rules import RuleSet, parameters_of
from guanxi.kernel.standard import RuleSetPublished
from guanxi.kernel.telling import Telling
from guanxi.kernel.times import after_tick, stamp
from guanxi.kernel.walk import Draft


class Publishing:
    """Publishes the rule sets of one ledger.

    Args:
        desk: what the ledger works with.
        rules: the rule sets published so far.
        plans: loads and judges streams.
        appending: writes what was judged.
        advancing: catches up streams.
    """

    def __init__(
        self, desk: Desk, rules: RuleBooks, plans: Plans, appending: Appending, advancing: Advancing
    ) -> None:
        self._desk = desk
        self._rules = rules
        self._plans = plans
        self._appending = appending
        self._advancing = advancing

    def publish(
        self,
        rules: RuleSet,
        *,
        effective_from: datetime,
        by: str,
        approved_by: str,
        reason: str | None,
        retroactive: str | None,
    ) -> int:
        """Publish a version of a rule set; see ``Ledger.publish``."""
        if not approved_by:
            raise Incomplete(
                "signature_missing",
                "an unsigned rule set is not in force",
                zh="未经批准的规则集不生效",
                rule="CORE-73",
                accepts="approved_by=...",
            )
        if approved_by == by:
            raise NotPermitted(
                "approver_conflict",
                f"{by} drafted it and cannot approve it",
                zh="起草人不能批准",
                rule="CORE-73",
                accepts="another approver",
            )
        cls = next((c for c in self._rules.classes if c.stored_name == type(rules).stored_name), None)
        if cls is None:
            raise Unknown(
                "unknown_rule_set",
                f"no installed plugin has {type(rules).stored_name}",
                zh=f"没有安装含 {type(rules).stored_name} 的插件",
                accepts=", ".join(sorted(c.stored_name for c in self._rules.classes)),
            )
        for _ in range(ATTEMPTS):
            now = self._desk.now()
            plan = self._plans.load(RULES_STREAM, RULES_SUBJECT, stamp(now), None)
            if stamp(effective_from) < min(stamp(now), plan.known) and not retroactive:
                raise RuleNotMet(
                    "retroactive_rule",
                    f"{stamp(effective_from)} lies before its publication",
                    zh="生效日早于发布日",
                    rule="CORE-73",
                    accepts="retroactive=<reason>",
                )
            version = len(self._rules.book().versions(cls.stored_name)) + 1
            event = RuleSetPublished(
                rule_set=cls.stored_name,
                version=version,
                parameters=parameters_of(rules),
                approved_by=approved_by,
                retroactive=retroactive,
            )
            telling = Telling(
                subject=RULES_STREAM,
                command=None,
                actor=by,
                reason=reason,
                occurred_at=now,
                effective_from=effective_from,
            )
            # One tick after all that is on record, so that nobody can wonder which of two entries was known first.
            plan.known = max(plan.known, after_tick(self._desk.store.last_recorded()))
            number = (plan.rows[-1].version if plan.rows else 0) + 1
            draft = Draft(
                event=event,
                effective=stamp(effective_from),
                version=number,
                id=f"{RULES_STREAM}/{number}",
                key=(),
                tag=telling,
            )
            plan.drafts, plan.next_due = [draft], None
            try:
                self._appending.append([plan], telling, (), (), None)
            except VersionConflict:
                continue
            self._refresh(plan.known, everything=retroactive is not None)
            return version
        raise too_many_writers()

    def _refresh(self, moment: str, *, everything: bool) -> None:
        """Reckon anew what is next due, and judge again where a rule set reaches into the past."""
        after = ""
        while heads := self._desk.store.streams(CUSTOMER, after):
            after = heads[-1].stream
            for head in heads:
                if everything or head.next_due is not None:
                    self._advancing.advance_one(head, moment)
