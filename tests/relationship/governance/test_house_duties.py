"""The house's own duties: a rule set is gone through once a year, a backup taken each week, an issued report can be made again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from guanxi import OpenFile, RuleNotMet, Unknown
from guanxi.relationship.governance.commands import NoteBackup, ReviewRuleSet
from guanxi.relationship.governance.house import HOUSE
from guanxi.relationship.governance.issuing import issue, reissue
from tests.kernel.desks import Desk, moment


@pytest.fixture
def desk() -> Iterator[Desk]:
    with Desk(plugins=[], now="2024-08-01").open(on="2024-07-30") as d:
        yield d


def states(desk: Desk, cadence: str, as_of: str) -> dict[str, str]:
    return {r.key: r.state for r in desk.ledger.due_items(as_of=moment(as_of), cadence=cadence)}


@pytest.mark.rule("CORE-73c")
def test_a_rule_set_is_gone_through_within_a_year_of_its_last_review(desk: Desk) -> None:
    desk.tell(ReviewRuleSet(rule_set="core.clocks", version=0), who=HOUSE)
    assert states(desk, "core.rule_review", "2025-08-01") == {"core.clocks/2024-08-01": "open"}
    assert states(desk, "core.rule_review", "2025-08-02") == {"core.clocks/2024-08-01": "overdue"}
    desk.on("2025-08-02").tell(ReviewRuleSet(rule_set="core.clocks", version=0), who=HOUSE)
    assert states(desk, "core.rule_review", "2025-08-03") == {
        "core.clocks/2024-08-01": "late",
        "core.clocks/2025-08-02": "open",
    }


@pytest.mark.rule("CORE-99")
def test_a_backup_is_due_each_week_from_the_first_on(desk: Desk) -> None:
    for day in ("2024-08-01", "2024-08-14"):
        desk.on(day).tell(NoteBackup(place="vault", digest="d", position=1), who=HOUSE)
    assert states(desk, "core.backup", "2024-08-21") == {
        "2024-W31": "done",
        "2024-W32": "not_done",
        "2024-W33": "done",
        "2024-W34": "open",
    }


@pytest.mark.rule("CORE-76a")
def test_an_issued_report_is_the_same_at_its_own_cut_and_another_at_a_new_one(desk: Desk) -> None:
    first = issue(desk.on("2024-08-02").ledger, "I-1", "core.files", actor="clerk")
    desk.on("2024-08-20").tell(OpenFile(name="late"), "2024-07-31", who="C-2", reason="found in a drawer")
    again = reissue(desk.ledger, "I-1")
    assert again.same
    assert again.differences == ()
    assert again.result.as_csv() == first.as_csv()
    new = issue(desk.ledger, "I-2", "core.files", actor="clerk", as_of=moment("2024-08-02"))
    assert new.manifest.digest != first.manifest.digest
    assert len(new.rows) == len(first.rows) + 1


def test_an_issue_number_is_given_once_and_an_unknown_one_says_which_there_are(desk: Desk) -> None:
    issue(desk.ledger, "I-1", "core.files", actor="clerk")
    with pytest.raises(RuleNotMet, match="identifier_taken"):
        issue(desk.ledger, "I-1", "core.files", actor="clerk")
    with pytest.raises(Unknown, match="I-1"):
        reissue(desk.ledger, "I-9")
