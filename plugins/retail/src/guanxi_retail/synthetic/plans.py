"""Which story happens to whom and when: the one table of the chain, and what no year of it reaches."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import attrs

from guanxi_retail.synthetic.stories import buying, caring, driving, grouping, joining, promoting, reading
from guanxi_retail.synthetic.telling import Step, Teller

Story = Callable[[Teller], Iterator[Step]]
EVERYBODY = tuple(range(20))
ALL_YEAR = tuple(range(12))


@attrs.frozen
class Plan:
    """That a story happens to members in some places of each shop.

    Args:
        story: what happens.
        places: to whom.
        months: in which months of a year it begins, from 0.
        yearly: whether it happens every year, and not in the first alone.
        day: the earliest day of the month on which it begins.
    """

    story: Story
    places: tuple[int, ...]
    months: tuple[int, ...]
    yearly: bool = False
    day: int = 9

    @property
    def name(self) -> str:
        """What the story is called."""
        return self.story.__name__.replace("_", "-")


PLANS: tuple[Plan, ...] = (
    # membership
    Plan(joining.screening, (1, 6, 12, 14), (1,)),
    Plan(joining.reservations, (2, 9, 14), (2, 6), yearly=True),
    Plan(joining.new_number, (14,), (4,)),
    Plan(joining.double, (16,), (3,)),
    Plan(joining.double_after_all_two, (17,), (3,)),
    Plan(joining.leaving, (18,), (10,)),
    Plan(joining.household, (3, 9), (2,)),
    # buying
    Plan(buying.paying_with_points, (1, 4, 8, 10), (1, 3, 5, 7, 9), yearly=True),
    Plan(buying.redeeming, (1, 12), (2, 8), yearly=True),
    Plan(buying.adjusting, (1, 11), (4,), yearly=True),
    Plan(buying.corrected, (19,), (4,)),
    Plan(buying.late_papers, (3, 12), (5,), yearly=True),
    Plan(buying.entitled, (18,), (2,)),
    Plan(buying.without_card, (13,), (3, 6), yearly=True),
    Plan(buying.claimed_in_error, (13,), (8,)),
    Plan(buying.by_hand, (6,), (3,)),
    Plan(buying.spending, (7, 11), (0,)),
    Plan(buying.spending, (2, 9), (4,), yearly=True),
    Plan(buying.gone_quiet, (7,), (8,)),
    Plan(buying.second_thoughts, (11, 12), (6,), yearly=True),
    # promotions
    Plan(promoting.ladder, (2, 10), (0,), yearly=True),
    Plan(promoting.of_two_files, (16,), (0,)),
    Plan(promoting.cancelled, (3, 17), (0,), yearly=True),
    Plan(promoting.friend, (5,), (2,), day=16),
    Plan(promoting.exchanged, (6,), (4,), yearly=True),
    # group purchase
    Plan(grouping.looked_after, (8, 9, 10), (0,)),
    Plan(grouping.vip_by_purchase, (8,), (1,)),
    Plan(grouping.vip_by_rank, (9,), (1,)),
    Plan(grouping.nominated, (10,), (1,)),
    Plan(grouping.stock, (9,), (2,)),
    Plan(grouping.standing_order, (8, 10), (2, 4, 6, 8, 10), yearly=True),
    # cars and reading
    Plan(driving.car, (11,), (5,)),
    Plan(reading.agreement, (12,), (0,)),
    Plan(reading.chapters, (12,), (1, 2, 3, 4, 6, 7), yearly=True),
    # care
    Plan(caring.fridays, (8, 9, 10), (2, 3, 4, 5, 6), yearly=True),
    Plan(caring.letter, (1, 2, 6, 8), (0,), yearly=True),
    Plan(caring.event, (0, 1, 6, 16), (2, 6, 10), yearly=True),
    Plan(caring.key_customer, (0,), (0,)),
    Plan(caring.visits, (0, 6, 14), ALL_YEAR, yearly=True),
    Plan(caring.opinion, (1, 2, 15), (7,), yearly=True),
)

UNREACHED: dict[str, str] = {}
"""Events of retail that no year of a chain holds, each with the reason."""
MEANT = frozenset(
    {
        ("retail.adjust_points", "approval_pending"),
        ("retail.complete_sale", "approval_pending"),
        ("retail.complete_store_sale", "approval_pending"),
        ("retail.nominate_for_vip", "approval_pending"),
        ("retail.pay_out_voucher", "not_cashable"),
        ("retail.redeem_points", "insufficient_points"),
        ("retail.set_tier", "approval_pending"),
    }
)
"""What a year is meant to be refused: what waits for a second person, money for a voucher, points beyond what there is."""
