"""Who the made-up members are, and who serves them: all of it follows from a member's number and the seed."""

from __future__ import annotations

from datetime import date
from random import Random

import attrs

SHOP = 20
"""Members of one shop; each has a place among them, from 0, by which it is known what happens to whom."""
LATE_PLACES = {5: 2, 13: 1, 19: 1}
"""The month in which members in these places enrol, from 0; all others enrol in the first."""

PACES, STAY = 3.0, 14
"""The greatest pace of a member, and for how many months one goes on buying on average."""

SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕张孔曹严华金魏陶姜"
GIVEN = "安博晨德恩芳国海佳康兰明宁平庆荣思天文欣雅志中子云泽"
CHANNELS = ("media", "outdoor", "point_of_sale")


@attrs.frozen
class Member:
    """One made-up member.

    Args:
        number: from 0.
        name: marked as synthetic.
        mobile: a number of no telephone.
        born: day of birth.
        channel: how the member came.
        joins: the month of the enrolment, from 0.
        pace: how much the member buys, compared with others.
        stays: how many months the member goes on buying besides the stories.
    """

    number: int
    name: str
    mobile: str
    born: date
    channel: str
    joins: int
    pace: float
    stays: int

    @property
    def account(self) -> str:
        """The account number."""
        return account(self.number)

    @property
    def shop(self) -> int:
        """The number of the shop, from 0."""
        return self.number // SHOP

    @property
    def outlet(self) -> str:
        """The shop."""
        return outlet(self.shop)

    @property
    def place(self) -> int:
        """The place among the members of the shop."""
        return self.number % SHOP

    def staff(self, post: str) -> str:
        """Return who holds a post of the shop."""
        return staff(self.shop, post)

    def neighbour(self, place: int) -> int:
        """Return the number of the member in another place of the same shop."""
        return self.shop * SHOP + place


def account(number: int) -> str:
    """Return the account number of a member."""
    return f"SYN-M{number:06}"


def outlet(shop: int) -> str:
    """Return the name of a shop."""
    return f"SYN-S{shop:03}"


def staff(shop: int, post: str) -> str:
    """Return who holds a post of a shop."""
    return f"syn-{shop:03}-{post}"


def mobile(number: int, prefix: str = "139") -> str:
    """Return a number of no telephone: the member's own, or with another prefix a further one."""
    return f"+86{prefix}{number:08}"


def member(seed: int, number: int) -> Member:
    """Return a member, the same whatever the number of the others.

    Args:
        seed: of the chain.
        number: the member's.
    """
    draw = Random(f"{seed}/{number}")
    name = draw.choice(SURNAMES) + draw.choice(GIVEN) + draw.choice(GIVEN)
    born = date(draw.randint(1955, 2003), number % 12 + 1, draw.randint(1, 28))
    return Member(
        number=number,
        name=f"合成{name}",
        mobile=mobile(number),
        born=born,
        channel=CHANNELS[number % len(CHANNELS)],
        joins=LATE_PLACES.get(number % SHOP, 0),
        pace=min(PACES, draw.gammavariate(1.5, 2 / 3)),
        stays=1 + int(draw.expovariate(1 / STAY)),
    )
