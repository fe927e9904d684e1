"""What each command counts as (CORE-67, CORE-68)."""

from __future__ import annotations

import pytest

from guanxi.relationship import parts
from guanxi.relationship.access.deeds import (
    _DEED_OF,
    _MASTER_EVENTS,
    CONTENTS,
    SOFTWARE,
    deed_of_command,
)
from guanxi.relationship.access.rules import AccessRules


def test_every_command_and_event_of_the_tables_is_there() -> None:
    commands = {c.stored_name for c in parts.commands}
    assert {*_DEED_OF, *SOFTWARE, *CONTENTS} <= commands
    assert not {e.stored_name for e in parts.events}.isdisjoint(_MASTER_EVENTS)
    assert {e.stored_name for e in parts.events} >= _MASTER_EVENTS


@pytest.mark.rule("CORE-68")
@pytest.mark.parametrize(
    ("command", "deed"),
    [
        ("core.record_contact_point", "master"),
        ("core.record_identifier", "master"),
        ("core.set_credit_terms", "master"),
        ("core.link_party", "master"),
        ("core.record_action", "record"),
        ("core.report_visit", "record"),
        ("core.place_order", "record"),
        ("core.receive_complaint", "submit"),
        ("plugin.whatever", "record"),
    ],
)
def test_master_data_is_told_from_activities(command: str, deed: str) -> None:
    assert deed_of_command(command, AccessRules()) == deed


@pytest.mark.rule("CORE-67")
def test_a_host_says_what_a_command_counts_as() -> None:
    rules = AccessRules(deeds={"plugin.whatever": "approve", "core.open_file": "record", "x.y": "nonsense"})
    assert deed_of_command("plugin.whatever", rules) == "approve"
    assert deed_of_command("core.open_file", rules) == "record"
    assert deed_of_command("x.y", rules) == "record"
