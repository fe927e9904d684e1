"""What is done after a file was opened is done once more whenever it is called again."""

from __future__ import annotations

from collections.abc import Sequence

from guanxi import Ledger
from tests.kit.broken import sound
from tests.kit.broken.sound import Count


def welcome(ledger: Ledger, accounts: Sequence[str]) -> None:
    for account in accounts:
        ledger.execute(account, Count(item="A", n=1), actor="system")


parts = sound.tally(after_opening=welcome)
