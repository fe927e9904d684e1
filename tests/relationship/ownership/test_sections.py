"""Sections: a relationship is in one, and goes over to another through group marketing alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from guanxi import Conflict, NotPermitted, Unknown
from guanxi.kernel.access import let_in
from guanxi.relationship.file.commands import RecordContactPoint
from guanxi.relationship.ownership.commands import AssignOversight, AssignSection, RequestCrossSection
from guanxi.relationship.ownership.maintainers import Ownership
from guanxi.relationship.ownership.oversight import Oversight
from guanxi.relationship.ownership.sections import Section
from tests.relationship.access.offices import Office

TO_TWO = AssignSection(section="2")
ASKED = RequestCrossSection(request="R-1", section="2", item="L-1")
GRANTED = AssignSection(section="2", request="R-1")


@pytest.fixture
def office() -> Iterator[Office]:
    with Office() as office:
        yield office


def section(office: Office, as_of: str | None = None) -> str | None:
    with let_in():
        history = office.ledger.history("C-1")
        found: Section = (history if as_of is None else history.as_of(as_of)).state(Section)
        return found.section


@pytest.mark.rule("CORE-22b")
def test_a_section_head_moves_nothing_to_another_section(office: Office) -> None:
    with pytest.raises(NotPermitted, match="not_authorised"):
        office.as_("head").execute("C-1", TO_TWO)
    assert section(office) == "1"
    assert office.attempts("head") == ["not_authorised"]


@pytest.mark.rule("CORE-22b")
def test_what_group_marketing_approves_moves_from_the_approval_on(office: Office) -> None:
    office.as_("head").execute("C-1", ASKED)
    office.on("2025-05-08").as_("marketing").execute("C-1", GRANTED)
    assert (section(office, "2025-05-07"), section(office, "2025-05-08")) == ("1", "2")
    with let_in():
        assert office.ledger.history("C-1").state(Section).requests == {}


@pytest.mark.rule("CORE-22")
def test_only_what_was_asked_for_is_granted_and_never_by_the_applicant(office: Office) -> None:
    office.setting("C-1", ASKED)
    with pytest.raises(NotPermitted, match="approver_conflict"):
        office.setting("C-1", GRANTED)
    for other in (AssignSection(section="3", request="R-1"), AssignSection(section="2", request="R-9")):
        with pytest.raises(Unknown, match="unknown_request"):
            office.setting("C-1", other)
    with pytest.raises(Conflict, match="identifier_taken"):
        office.setting("C-1", ASKED)


@pytest.mark.rule("CORE-21a")
def test_a_leader_reads_and_does_not_post(office: Office) -> None:
    office.setting("C-1", AssignOversight(leader="head"))
    office.as_("head").history("C-1")
    with pytest.raises(NotPermitted, match="not_authorised"):
        office.as_("head").execute("C-1", RecordContactPoint(type="address", value="1 Nanjing Road"))
    with let_in():
        history = office.ledger.history("C-1")
        assert history.state(Ownership).maintainer == "ann"
        assert history.state(Oversight).leaders == ("head",)
