"""An adviser who orders a signing is refused, and that he tried is kept; what a rule refuses leaves nothing (CORE-04)."""

from __future__ import annotations

import pytest

from guanxi import NotPermitted, RuleNotMet
from guanxi.kernel.access import let_in
from guanxi.relationship.pipeline.commands import SignContract
from guanxi.relationship.pipeline.contracts import Contracts
from tests.relationship.access.offices import Office
from tests.relationship.pipeline.sales_desk import yuan

MAJOR = SignContract(contract="K-1", amount=yuan(2_000_000), major=True)


@pytest.mark.rule("CORE-04a")
def test_the_maintainers_order_without_minutes_leaves_nothing() -> None:
    with Office() as office:
        before = office.count()
        with pytest.raises(RuleNotMet, match="gate_unmet") as refused:
            office.as_("ann").execute("C-1", MAJOR)
        assert "minutes" in str(refused.value.facts["unmet"])
        assert office.count() == before
        assert office.attempts("ann") == []


@pytest.mark.rule("CORE-04a")
def test_the_advisers_order_is_refused_and_the_attempt_kept() -> None:
    with Office() as office:
        with pytest.raises(NotPermitted, match="not_authorised"):
            office.as_("adviser").execute("C-1", MAJOR)
        assert office.attempts("adviser") == ["not_authorised"]
        with let_in():
            assert office.ledger.history("C-1").state(Contracts).by_number == {}
