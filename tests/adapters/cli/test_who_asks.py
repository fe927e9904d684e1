"""Where access rules are in force, the command asks in the name of GUANXI_ACTOR, or of who is logged in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

import guanxi
from guanxi.relationship.access.commands import EnrolStaff, EstablishPost, SetLevel, TakePost
from guanxi.relationship.access.rules import AccessRules
from guanxi.relationship.access.streams import post_stream, staff_stream
from tests.adapters.cli.conftest import Ran

QUESTIONS = (
    ("history", "C-1"),
    ("explain", "C-1", "retail.points.balance"),
    ("report", "core.files"),
    ("search",),
    ("due",),
)


@pytest.fixture
def guarded(shop: Callable[..., Ran], db: str) -> Callable[..., Ran]:
    """The shop with access rules in force, and an auditor."""
    ledger = guanxi.open(db)
    ledger.execute(post_stream("audit"), EstablishPost(role="auditor"), actor="setup")
    ledger.execute(staff_stream("olga"), EnrolStaff(), actor="setup")
    ledger.execute(staff_stream("olga"), TakePost(post="audit"), actor="setup")
    ledger.execute(staff_stream("olga"), SetLevel(section="*", level=2), actor="setup")
    now = datetime.now(UTC)
    ledger.clock = lambda: now
    ledger.publish(AccessRules(enforced=True), effective_from=now, by="setup", approved_by="board")
    ledger.close()
    return shop


@pytest.mark.parametrize("question", QUESTIONS)
def test_only_who_may_is_answered(
    guarded: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch, question: tuple[str, ...]
) -> None:
    monkeypatch.setenv("GUANXI_ACTOR", "olga")
    assert guarded(*question).code == 0
    monkeypatch.setenv("GUANXI_ACTOR", "stranger")
    refused = guarded(*question)
    assert refused.code == 1
    assert "not_authorised" in refused.err
    assert "无权" in guarded("--lang", "zh", *question).err


def test_what_is_entered_is_asked_for_in_the_name_that_enters_it(
    guarded: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = guarded("void", "C-1/1", "--actor", "stranger", "--reason", "slip")
    assert refused.code == 1
    assert "not_authorised" in refused.err


def test_who_enters_something_is_shown_it_once_it_is_recorded(guarded: Callable[..., Ran], db: str) -> None:
    ledger = guanxi.open(db)
    before = ledger.store.last_position()
    ledger.close()
    ran = guarded(
        "execute",
        staff_stream("olga"),
        "core.log_in",
        "--actor",
        "olga",
    )
    assert ran.code == 0, ran.err
    ledger = guanxi.open(db)
    assert ledger.store.last_position() > before
    ledger.close()
