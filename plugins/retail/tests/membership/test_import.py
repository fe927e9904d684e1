"""A member list is read in by a mapping file: files, memberships, flags and refusals (RET-59)."""

from __future__ import annotations

from pathlib import Path

import pytest

from guanxi.relationship import CustomerFile
from guanxi_adapters.files import import_file, load_mapping
from guanxi_retail.membership.holders import member_of

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def read(c):
    return import_file(
        c.ledger,
        EXAMPLES / "members.csv",
        load_mapping(EXAMPLES / "members.toml"),
        actor="li",
        reason="the old member list",
    )


@pytest.fixture
def read_in(club):
    c = club().at("2012-03-01")
    return c, read(c)


@pytest.mark.rule("RET-01")
@pytest.mark.rule("RET-59")
def test_a_member_list_opens_files_and_enrols(read_in):
    c, report = read_in
    assert (report.accepted, report.refused_count) == (6, 2)
    assert [c.member(f"M-00{n}").card for n in (1, 2, 3, 4)] == [
        "+8613800138001",
        "+8613800138002",
        "+8613800138003",
        "+85291234567",
    ]
    assert c.state(CustomerFile, "M-002").name == "王二"
    assert (c.member("M-002").source_channel, c.member("M-002").outlet) == ("outdoor", "S1")
    assert f"{c.member('M-003').since:%Y-%m-%d}" == "2012-01-11"


@pytest.mark.rule("RET-59")
def test_what_is_no_number_or_none_is_refused_by_line_and_what_broke_a_rule_is_kept_and_flagged(read_in):
    c, report = read_in
    assert [(one.line, one.code) for one in report.refused] == [(8, "invalid_phone"), (9, "mobile_missing")]
    assert c.flags("M-005") == ["claim_denied"]
    assert c.flags("M-008") == ["form_incomplete"]
    assert member_of(c.ledger, "13800138001").holder.account == "M-001"


@pytest.mark.rule("RET-59")
def test_the_list_read_again_adds_nothing(read_in):
    c, _ = read_in
    again = read(c)
    assert (again.accepted, again.known, again.refused_count) == (0, 6, 2)
