"""The customer's own view of his file, and what he may tell us himself (CORE-88)."""

from __future__ import annotations

import attrs

from guanxi.kernel.errors import NotPermitted
from guanxi.kernel.ledger import Ledger
from guanxi.kernel.messages import Command
from guanxi.kernel.overview import WholeView
from guanxi.kernel.telling import Outcome
from guanxi.relationship.access.commands import SubmitChange
from guanxi.relationship.care.commands import GiveConsent, SetContactPreference, WithdrawConsent
from guanxi.relationship.service.commands import ReceiveComplaint, ReceiveFeedback, RecordNeed, RequestService
from guanxi.relationship.together.watching import keep_view, kept, unasked

RULE = "CORE-88"
CHANNEL = "self_service"

SHOWN = (
    "core.view_file",
    "core.view_contacts",
    "core.view_contracts",
    "core.view_orders",
    "core.view_receivables",
    "core.view_payments",
    "core.view_complaints",
    "core.view_service",
)
"""The sections of the whole view that he sees; grades, risk marks, internal notes and plans are not among them."""
INTERNAL = ("stage", "trust", "section")
"""What is ours, and not shown, of his master data."""

Told = (
    ReceiveComplaint
    | ReceiveFeedback
    | RecordNeed
    | RequestService
    | SubmitChange
    | GiveConsent
    | WithdrawConsent
    | SetContactPreference
)
"""What he may tell us himself: needs and complaints, changes that wait for the designated post, consents and windows at once."""


def customer_actor(account: str) -> str:
    """Return in whose name a customer's own entries stand."""
    return f"customer:{account}"


class SelfService:
    """What one customer does himself.

    Args:
        ledger: where his file is.
        account: the account number under which he signed in.
        verified: whether the host has verified that it is he.
    """

    def __init__(self, ledger: Ledger, account: str, *, verified: bool) -> None:
        self._ledger, self.account, self.verified = ledger, account, verified
        self.actor = customer_actor(account)

    def view(self, account: str | None = None) -> WholeView:
        """Return his own file as he may see it; the view is kept.

        Args:
            account: whose; his own if not given.

        Raises:
            NotPermitted: ``identity_not_verified``; ``not_authorised`` for another's. The attempt is kept.
        """
        self._admit("view", account)
        with unasked():
            whole = self._ledger.whole_view(self.account)
        keep_view(self._ledger, self.actor, whole.stream, CHANNEL)
        sections = tuple(one for one in whole.sections if one.name in SHOWN)
        shown = (
            attrs.evolve(one, rows=tuple(r for r in one.rows if r[0] not in INTERNAL))
            if one.name == SHOWN[0]
            else one
            for one in sections
        )
        return attrs.evolve(whole, sections=tuple(shown), due=())

    def tell(self, command: Command, account: str | None = None) -> Outcome:
        """Take in what he tells us, in his own name.

        Args:
            command: one of those that a customer may give.
            account: about whom; himself if not given.

        Raises:
            NotPermitted: ``identity_not_verified``; ``not_authorised`` for another's file or another command. The attempt is kept.
            Refusal: the command's own.
        """
        self._admit(command.stored_name, account)
        if not isinstance(command, Told):
            raise self._refused(
                "not_authorised",
                command.stored_name,
                "this is not for the customer himself to say",
                "此项不由客户自行办理",
                "needs, complaints, requests, changes, consents and contact windows",
            )
        with unasked():
            return self._ledger.execute(self.account, command, actor=self.actor, channel=CHANNEL)

    def _admit(self, asked: str, account: str | None) -> None:
        if not self.verified:
            raise self._refused(
                "identity_not_verified",
                asked,
                "it is not verified who asks",
                "未核实客户身份",
                "the same once the customer is verified",
            )
        with unasked():
            mine = self._ledger.find(self.account)
            theirs = mine if account is None else self._ledger.find(account)
        if mine is None or theirs != mine:
            raise self._refused(
                "not_authorised",
                asked,
                f"{account or self.account} is not the file of who asks",
                "只能查询本人档案",
                "one's own file",
            )

    def _refused(self, code: str, asked: str, message: str, zh: str, accepts: str) -> NotPermitted:
        refusal = NotPermitted(code, message, zh=zh, rule=RULE, accepts=accepts)
        with unasked():
            stream = self._ledger.find(self.account)
        return kept(refusal, self._ledger, self.actor, CHANNEL, asked, stream)
