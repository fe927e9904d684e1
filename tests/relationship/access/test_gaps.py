"""What a view might tell or do beyond its actor's rights: entries of closed files, another's name, files that are not there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from guanxi import Ledger, NotPermitted, Unknown
from guanxi.kernel.access import let_in
from guanxi.relationship.access.commands import EstablishPost, FreezeAccount, LeavePost, SetLevel
from guanxi.relationship.access.events import AttemptRefused, FileViewed
from guanxi.relationship.access.rules import AccessRules, AccountRules
from guanxi.relationship.access.streams import post_stream, staff_stream
from tests.relationship.access.offices import Office
from tests.relationship.access.test_examples import CALL, complaint


@pytest.fixture
def office() -> Iterator[Office]:
    with Office() as o:
        yield o


# ------------------------------------------------------------ one's own entries


@pytest.mark.rule("CORE-69")
@pytest.mark.parametrize("user", ["ann", "bob", "adviser", "head"])
def test_what_somebody_entered_is_not_searched_by_who_may_not_list(office: Office, user: str) -> None:
    office.setting("C-9", complaint())
    with pytest.raises(NotPermitted):
        office.as_(user).search(actor=user)
    with pytest.raises(NotPermitted):
        office.as_(user).search(actor=user, name="core.complaint_received")
    assert len(office.attempts(user)) == 2


@pytest.mark.rule("CORE-69")
def test_who_may_list_searches_by_who_entered_it(office: Office) -> None:
    office.as_("ann").execute("C-1", CALL, actor="ann")
    assert office.as_("vice").search(actor="ann")
    assert office.as_("head").search(actor="ann", section="1") == []


@pytest.mark.rule("CORE-67")
def test_a_run_that_is_narrowed_to_a_person_is_no_matter_of_his_own(office: Office) -> None:
    with pytest.raises(NotPermitted):
        office.as_("ann").run("core.abc_classes", person="ann")


@pytest.mark.rule("CORE-67")
def test_everybody_may_still_list_what_he_himself_is_to_do(office: Office) -> None:
    assert office.as_("ann").due_items(person="ann") is not None
    with pytest.raises(NotPermitted):
        office.as_("ann").due_items(person="bob")


# ------------------------------------------------------------ another's name


def _in_bobs_name(ledger: Ledger) -> object:
    return ledger.execute("C-1", CALL, actor="bob")


@pytest.mark.rule("CORE-07")
@pytest.mark.parametrize(
    ("call", "asked"),
    [
        (_in_bobs_name, "core.record_action"),
        (lambda ledger: ledger.void("x/1", actor="bob", reason="slip"), "void"),
        (lambda ledger: ledger.run("core.abc_classes", actor="bob"), "core.abc_classes"),
    ],
)
def test_a_call_in_anothers_name_is_kept_under_ones_own_with_the_name(
    office: Office, call: Callable[[Ledger], object], asked: str
) -> None:
    with pytest.raises(NotPermitted, match="CORE-67"):
        call(office.as_("ann"))
    (kept,) = office.log("ann")
    assert isinstance(kept, AttemptRefused)
    assert (kept.asked, kept.code, kept.in_name_of) == (asked, "not_authorised", "bob")
    assert office.log("bob") == []


@pytest.mark.rule("CORE-07")
def test_a_call_on_behalf_of_somebody_else_than_the_view_says_is_kept(office: Office) -> None:
    with pytest.raises(NotPermitted, match="not_authorised"):
        office.as_("ann", on_behalf_of="head").execute("C-1", CALL, on_behalf_of="vice")
    (kept,) = office.log("ann")
    assert (kept.for_whom, kept.in_name_of) == ("head", "vice")


@pytest.mark.rule("CORE-07")
def test_nothing_is_kept_of_it_while_no_rules_are_in_force() -> None:
    with Office(enforced=False) as office:
        with pytest.raises(NotPermitted, match="not_authorised"):
            _in_bobs_name(office.as_("ann"))
        assert office.log("ann") == []


# ------------------------------------------------------------ the way out


OFF = AccessRules(enforced=False)


def _publish(ledger: Ledger, rules: Any, by: str = "liu", approved_by: str = "chen") -> int:
    return ledger.publish(rules, effective_from=ledger.clock(), by=by, approved_by=approved_by)


def _nobody_rules(office: Office) -> None:
    for user in ("vice", "marketing"):
        office.setting(staff_stream(user), FreezeAccount(reason="means to leave"))


@pytest.mark.rule("CORE-67")
def test_where_nobody_may_publish_or_grant_any_more_two_signatures_change_the_access_rules(
    office: Office,
) -> None:
    _nobody_rules(office)
    with pytest.raises(NotPermitted, match="not_authorised"):
        _publish(office.ledger, AccountRules())
    with pytest.raises(NotPermitted, match="approver_conflict"):
        _publish(office.ledger, OFF, by="liu", approved_by="liu")
    _publish(office.ledger, OFF)
    office.on("2025-05-06")
    assert office.ledger.history("C-1").state("core.file").account == "C-1"


@pytest.mark.rule("CORE-67")
@pytest.mark.parametrize("back", ["design", "grant"])
def test_while_somebody_may_publish_or_grant_nobody_else_changes_the_access_rules(
    office: Office, back: str
) -> None:
    if back == "design":
        office.setting(staff_stream("vice"), FreezeAccount(reason="means to leave"))
    else:
        office.setting(staff_stream("marketing"), LeavePost(post="marketing-post"))
        grants = EstablishPost(role="auditor", grants=("core.establish_post",))
        office.setting(post_stream("vice-post"), grants)
    for user in ("liu", "ann", "head"):
        with pytest.raises(NotPermitted):
            _publish(office.ledger, OFF, by=user)


@pytest.mark.rule("CORE-67")
def test_a_level_that_is_too_low_rules_nothing(office: Office) -> None:
    for user in ("vice", "marketing"):
        office.setting(staff_stream(user), SetLevel(section="*", level=2))
    _publish(office.ledger, OFF)


# ------------------------------------------------------------ files that are not there


READS: dict[str, Callable[[Ledger, str], object]] = {
    "find": lambda ledger, subject: ledger.find(subject),
    "history": lambda ledger, subject: ledger.history(subject),
    "whole_view": lambda ledger, subject: ledger.whole_view(subject),
    "due_items": lambda ledger, subject: ledger.due_items(customer=subject),
}


@pytest.mark.rule("CORE-69")
@pytest.mark.parametrize("read", READS)
@pytest.mark.parametrize("user", ["ann", "head", "adviser", "clerk1", "root", "marketing", "nobody"])
def test_a_closed_file_and_one_that_is_not_there_get_the_same_answer(
    office: Office, user: str, read: str
) -> None:
    answers = []
    for subject in ("C-9", "C-77"):
        with pytest.raises(NotPermitted) as refused:
            READS[read](office.as_(user), subject)
        error = refused.value
        answers.append((error.code, error.message, error.zh, error.rule, error.accepts))
    assert answers[0] == answers[1]
    assert len(office.attempts(user)) == 2


@pytest.mark.rule("CORE-69")
def test_who_may_read_every_file_is_told_that_there_is_none(office: Office) -> None:
    assert office.as_("vice").find("C-77") is None
    with pytest.raises(Unknown, match="unknown_relationship"):
        office.as_("audit").history("C-77")
    assert office.attempts("vice") + office.attempts("audit") == []


@pytest.mark.rule("CORE-69")
def test_a_file_that_is_found_is_a_view_on_record_and_no_look_into_it(office: Office) -> None:
    assert office.as_("ann").find("C-1") is not None
    (kept,) = office.log("ann")
    assert isinstance(kept, FileViewed)
    assert kept.operation == "find"


@pytest.mark.rule("CORE-69")
def test_of_many_only_the_files_that_he_may_read_are_found(office: Office) -> None:
    asked = ("C-1", "C-2", "C-9", "C-77", "C-78")
    assert set(office.as_("ann").find_all(asked)) == {"C-1"}
    assert office.attempts("ann") == ["lookup_not_approved", "section_closed", "section_closed"]
    assert set(office.as_("vice").find_all(asked)) == {"C-1", "C-2", "C-9"}
    assert office.as_("root").find_all(asked) == {}
    with let_in():
        assert set(office.ledger.find_all(asked)) == {"C-1", "C-2", "C-9"}


@pytest.mark.rule("CORE-67")
def test_nobody_is_asked_for_what_is_found_while_no_rules_are_in_force() -> None:
    with Office(enforced=False) as office:
        assert set(office.as_("nobody").find_all(("C-1", "C-77"))) == {"C-1"}
        assert office.as_("nobody").find("C-77") is None
        assert office.log("nobody") == []
