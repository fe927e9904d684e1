"""Publishes rule sets and takes back what is not in force yet, and reckons anew what that changes."""

from __future__ import annotations

from datetime import datetime

import attrs

from guanxi.kernel.absence import absence
from guanxi.kernel.advancing import Advancing
from guanxi.kernel.appending import Appending
from guanxi.kernel.desk import CUSTOMER, RULES_STREAM, RULES_SUBJECT, Desk
from guanxi.kernel.errors import Conflict, Incomplete, NotPermitted, RuleNotMet, Unknown
from guanxi.kernel.intake import check_envelope
from guanxi.kernel.plans import Plan, Plans
from guanxi.kernel.rule_books import RuleBooks
from guanxi.kernel.rules import RuleSet, parameters_of
from guanxi.kernel.standard import RuleSetPublished, RuleSetWithdrawn
from guanxi.kernel.telling import Telling
from guanxi.kernel.times import after_tick, stamp
from guanxi.kernel.walk import Draft


@attrs.define(eq=False, slots=False)
class Publishing:
    """Publishes the rule sets of one ledger.

    Args:
        desk: what the ledger works with.
        rules: the rule sets published so far.
        plans: loads and judges streams.
        appending: writes what was judged.
        advancing: catches up streams.
    """

    _desk: Desk
    _rules: RuleBooks
    _plans: Plans
    _appending: Appending
    _advancing: Advancing

    def publish(
        self,
        rules: RuleSet,
        *,
        effective_from: datetime,
        by: str,
        approved_by: str,
        reason: str | None,
        retroactive: str | None,
        dry: bool = False,
    ) -> int:
        """Publish a version of a rule set; see ``Ledger.publish``."""
        _check_signatures(by, approved_by)
        cls = self._class(type(rules).stored_name)
        parameters = parameters_of(rules)

        def attempt() -> tuple[int, str | None]:
            now = self._desk.now()
            plan = self._plans.load(RULES_STREAM, RULES_SUBJECT, stamp(now), None)
            if stamp(effective_from) < min(stamp(now), plan.known) and not retroactive:
                raise RuleNotMet(
                    "retroactive_rule",
                    f"{effective_from.astimezone(self._desk.tz):%Y-%m-%d %H:%M} lies before its publication",
                    zh=f"生效时间 {effective_from.astimezone(self._desk.tz):%Y-%m-%d %H:%M} 早于发布时间",
                    rule="CORE-73",
                    accepts="retroactive=<reason>",
                )
            version = max((p.version for p in self._rules.book().versions(cls.stored_name)), default=0) + 1
            event = RuleSetPublished(
                rule_set=cls.stored_name,
                version=version,
                parameters=parameters,
                approved_by=approved_by,
                retroactive=retroactive,
            )
            return version, None if dry else self._append(plan, event, effective_from, now, by, reason)

        version, known = self._desk.repeated(attempt)
        if known is not None:
            self._refresh(known)
        return version

    def withdraw(self, name: str, version: int, *, by: str, approved_by: str, reason: str) -> None:
        """Take back a version that is not in force yet; see ``Ledger.withdraw_rules``."""
        _check_signatures(by, approved_by)
        if not reason or not reason.strip():
            raise Incomplete(
                "reason_missing",
                "a withdrawal needs a reason",
                zh="撤回须说明原因",
                rule="CORE-73",
                accepts="reason=...",
            )
        cls = self._class(name)

        def attempt() -> str:
            now = self._desk.now()
            plan = self._plans.load(RULES_STREAM, RULES_SUBJECT, stamp(now), None)
            self._check_open(cls, version, plan.known)
            event = RuleSetWithdrawn(rule_set=cls.stored_name, version=version, approved_by=approved_by)
            return self._append(plan, event, now, now, by, reason)

        self._refresh(self._desk.repeated(attempt))

    def _class(self, name: str) -> type[RuleSet]:
        cls = next((c for c in self._rules.classes if c.stored_name == name), None)
        if cls is None:
            note = absence(self._desk.keeper.installed, name)
            raise Unknown(
                "unknown_rule_set",
                f"no installed plugin has {name}{note.en}",
                zh=f"没有安装含 {name} 的插件{note.zh}",
                accepts=", ".join(sorted(c.stored_name for c in self._rules.classes)),
            )
        return cls

    def _check_open(self, cls: type[RuleSet], version: int, known: str) -> None:
        """Refuse a version that does not exist, is gone already, or has begun to count."""
        name, book = cls.stored_name, self._rules.book()
        found = book.get(name, version)
        if found is None:
            there = ", ".join(str(p.version) for p in book.versions(name)) or "none was published"
            raise Unknown(
                "unknown_version",
                f"{name} has no version {version}",
                zh=f"{name} 没有版本 {version}",
                rule="CORE-73",
                accepts=there,
            )
        if found.withdrawn_at is not None:
            raise Conflict(
                "already_withdrawn",
                f"version {version} of {name} was withdrawn",
                zh=f"{name} 版本 {version} 已撤回",
                rule="CORE-73",
                accepts="a version that stands",
            )
        if found.effective_from <= known:
            raise RuleNotMet(
                "rules_in_force",
                f"version {version} of {name} has come into force; decisions may rest on it",
                zh=f"{name} 版本 {version} 已生效，可能已有判定以其为据",
                rule="CORE-73",
                accepts="a further version that takes its place from a later day",
            )

    def _append(
        self,
        plan: Plan,
        event: RuleSetPublished | RuleSetWithdrawn,
        effective_from: datetime,
        now: datetime,
        by: str,
        reason: str | None,
    ) -> str:
        """Write an act on the rule sets; return the moment from which it is known."""
        telling = Telling(
            subject=RULES_STREAM,
            command=None,
            actor=by,
            reason=reason,
            occurred_at=now,
            effective_from=effective_from,
        )
        check_envelope(telling)
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
        plan.drafts, plan.next_due, plan.rules_known = [draft], None, plan.known
        self._appending.append([plan], telling, (), (), None)
        return plan.known

    def _refresh(self, moment: str) -> None:
        """Reckon anew what is next due, also where nothing was, and judge again where a rule set reaches into the past."""
        after = ""
        while heads := self._desk.store.streams(CUSTOMER, after):
            after = heads[-1].stream
            for head in heads:
                self._advancing.advance_one(head, moment)


def _check_signatures(by: str, approved_by: str) -> None:
    """Refuse what nobody approved, or whoever drafted it."""
    if not approved_by or not approved_by.strip():
        raise Incomplete(
            "signature_missing",
            "an unsigned rule set is not in force",
            zh="未经批准的规则集不生效",
            rule="CORE-73",
            accepts="approved_by=...",
        )
    if _person(approved_by) == _person(by):
        raise NotPermitted(
            "approver_conflict",
            f"{by} drafted it and cannot approve it",
            zh="起草人不能批准",
            rule="CORE-73",
            accepts="another approver",
        )


def _person(name: str) -> str:
    """Return a name as it is compared: blanks around it and the case of its letters make nobody a second person."""
    return " ".join(name.split()).casefold()
