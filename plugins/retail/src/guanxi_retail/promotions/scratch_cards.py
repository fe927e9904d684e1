"""Scratch cards: which receipts gave draws, and what they won (RET-13)."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from guanxi import Conflict, Facet, Fact, Incomplete, Label, Now
from guanxi_retail.promotions.commands import DrawScratchCard
from guanxi_retail.promotions.events import ScratchCardDrawn
from guanxi_retail.promotions.rules import ScratchCardRules
from guanxi_retail.purchases.purchases import Purchases, purchases, sale_of


@attrs.define
class ScratchCards:
    """Cards that were scratched: the receipt that gave each, by serial number."""

    drawn: dict[str, str] = attrs.field(factory=dict)

    def draws_on(self, receipt: str) -> int:
        """Return how many cards of a receipt were scratched."""
        return sum(one == receipt for one in self.drawn.values())


scratch_cards = Facet(
    "retail.scratch_cards", ScratchCards, reads=(purchases,), title=Label("Scratch cards", "刮刮卡")
)


@scratch_cards.evolve
def _drawn(s: ScratchCards, e: ScratchCardDrawn) -> None:
    s.drawn[e.serial] = e.receipt


@scratch_cards.decide
def _draw(s: ScratchCards, c: DrawScratchCard, now: Now) -> Iterator[Fact]:
    if not (c.prize or "").strip():
        raise Incomplete(
            "prize_missing",
            f"every card wins, and what card {c.serial} won is not said",
            zh=f"百分百中奖，未说明刮刮卡 {c.serial} 的奖品",
            rule="RET-13",
            accepts="prize=...",
        )
    if c.serial in s.drawn:
        raise Conflict(
            "source_conflict",
            f"card {c.serial} was scratched for receipt {s.drawn[c.serial]}",
            zh=f"刮刮卡 {c.serial} 已用于小票 {s.drawn[c.serial]}",
            rule="RET-13",
            accepts="another card",
        )
    sale = sale_of(now.of(Purchases), c.receipt)
    rules = now.rules_at(ScratchCardRules, sale.at)
    given = rules.draws_of(sale.paid) if rules.runs_on(sale.at.date()) else 0
    now.require(
        s.draws_on(c.receipt) < given,
        "no_draw_left",
        "RET-13",
        f"receipt {c.receipt} gave {given} draws, {s.draws_on(c.receipt)} were made",
        zh=f"小票 {c.receipt} 可刮 {given} 次，已刮 {s.draws_on(c.receipt)} 次",
        accepts=f"a receipt of {rules.threshold} or more in money, {rules.draws} draws each",
    )
    assert c.prize is not None
    yield ScratchCardDrawn(receipt=c.receipt, serial=c.serial, prize=c.prize, extra_gifts=c.extra_gifts)
