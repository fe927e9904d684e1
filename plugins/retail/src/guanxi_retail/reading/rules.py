"""Rule sets of paid reading: membership, and the price list of chapters."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

from guanxi import Label, RuleSet, add_months, parameter, rule_set
from guanxi_retail.parameters import DAYS, MONEY, MONTHS, ours


@rule_set("retail.reading", Label("Paid reading", "付费阅读"))
class ReadingRules(RuleSet):
    """What makes a reader a VIP (RET-52)."""

    months: int = ours(1, "months of a membership", "会员期限", MONTHS, minimum=1, maximum=1200)
    contract_prefix: str = ours(
        "reading/", "contracts that are reading agreements begin with", "阅读协议合同编号前缀"
    )

    def last_day(self, first: date) -> date:
        """Return the last day of a membership.

        Args:
            first: its first day.
        """
        return add_months(first, self.months) - timedelta(days=1)

    def is_agreement(self, contract: str) -> bool:
        """Return whether a contract is a reading agreement, by its number.

        Args:
            contract: its number.
        """
        return bool(self.contract_prefix) and contract.startswith(self.contract_prefix)


@rule_set("retail.chapter_prices", Label("Chapter prices", "章节价格"))
class ChapterPriceRules(RuleSet):
    """What a VIP chapter costs, and which chapters are free (RET-52)."""

    prices: Mapping[str, Decimal] = parameter(
        factory=dict,
        label=Label("price of a chapter by work", "各作品章节价格"),
        unit=MONEY,
        minimum=Decimal(0),
    )
    other_works: Decimal | None = parameter(
        default=None,
        label=Label("price of a chapter of other works", "其他作品章节价格"),
        unit=MONEY,
        minimum=Decimal(0),
    )
    free_chapters: Mapping[str, int] = parameter(
        factory=dict, label=Label("first chapters that are free, by work", "各作品免费章节数"), minimum=0
    )
    currency: str = ours("CNY", "currency", "币种")
    notice_days: int = parameter(
        default=0,
        label=Label("days of notice before a higher price", "涨价提前告知天数"),
        unit=DAYS,
        minimum=0,
        maximum=3660,
    )

    def price(self, work: str) -> Decimal | None:
        """Return the listed price of a work's chapters, or None.

        Args:
            work: which.
        """
        return self.prices.get(work, self.other_works)

    def is_free(self, work: str, chapter: str) -> bool:
        """Return whether a chapter is one of the free ones at a work's beginning.

        Args:
            work: which.
            chapter: its number.
        """
        return chapter.isdecimal() and int(chapter) <= self.free_chapters.get(work, 0)


RULE_SETS = (ReadingRules, ChapterPriceRules)
