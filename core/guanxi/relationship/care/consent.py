"""Consent: what the customer agreed to, by purpose and channel, and what went out without it (CORE-74)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import attrs

from guanxi.kernel.errors import Incomplete
from guanxi.kernel.facets import Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Fact
from guanxi.relationship.care.commands import GiveConsent, WithdrawConsent
from guanxi.relationship.care.days import day_of, years_between
from guanxi.relationship.care.events import ANY_CHANNEL, ConsentGiven, ConsentWithdrawn, MessageSent
from guanxi.relationship.care.rules import ConsentRules
from guanxi.relationship.file.events import ProfileFactRecorded

MARKETING = "marketing"
BIRTH_DATE = "birth_date"


@attrs.define
class Consents:
    """What the customer agreed to: by purpose and channel, the last word on each."""

    given: dict[tuple[str, str], bool] = attrs.field(factory=dict)
    born_on: date | None = None

    def allows(self, purpose: str, channel: str) -> bool:
        """Return whether he agrees to a purpose on a channel."""
        every = self.given.get((purpose, ANY_CHANNEL), False)
        return self.given.get((purpose, channel), every)

    def say(self, purpose: str, channel: str, agreed: bool) -> None:
        """Note his last word; one for every channel takes the place of what was said of single ones."""
        if channel == ANY_CHANNEL:
            for told in [k for k in self.given if k[0] == purpose]:
                del self.given[told]
        self.given[purpose, channel] = agreed


consents = Facet("core.consents", Consents, title=Label("Consent", "同意"))


@consents.evolve
def _given(s: Consents, e: ConsentGiven) -> None:
    s.say(e.purpose, e.channel, True)


@consents.evolve
def _withdrawn(s: Consents, e: ConsentWithdrawn) -> None:
    s.say(e.purpose, e.channel, False)


@consents.evolve
def _born(s: Consents, e: ProfileFactRecorded) -> None:
    if e.field_name == BIRTH_DATE:
        s.born_on = day_of(e.value)


@consents.decide
def _give(s: Consents, c: GiveConsent, now: Now) -> Iterator[Fact]:
    age = now.rules(ConsentRules).guardian_age
    if s.born_on is not None and years_between(s.born_on, now.at.date()) < age and c.guardian is None:
        now.forbid(
            Incomplete(
                "approval_missing",
                f"the customer is under {age} and no guardian consents",
                zh=f"客户未满 {age} 周岁，缺少监护人同意",
                rule="CORE-74",
                accepts="guardian=...",
            ),
        )
    yield ConsentGiven(
        purpose=c.purpose,
        channel=c.channel,
        wording_version=c.wording_version,
        evidence=c.evidence,
        guardian=c.guardian,
    )


@consents.decide
def _withdraw(s: Consents, c: WithdrawConsent, now: Now) -> Iterator[Fact]:
    yield ConsentWithdrawn(purpose=c.purpose, channel=c.channel, evidence=c.evidence)


@consents.holds("CORE-74", "kept_with_breach")
def _agreed_when_sent(s: Consents, e: MessageSent) -> bool:
    return e.kind != MARKETING or s.allows(MARKETING, e.channel)
