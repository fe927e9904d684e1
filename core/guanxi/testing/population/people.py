"""Who the made-up customers are, and who looks after them: all of it follows from a customer's number and the seed."""

from __future__ import annotations

from random import Random

import attrs

from guanxi.relationship.file.events import PartyKind

BRANCH = 100
"""Customers of one branch, each with its own staff, campaigns, forms and goals."""
OPENED_AT_ONCE = 7
"""Of ten customers, so many are there from the first month on."""
LATEST_OPENING = 5
"""The last month, counted from 0, in which a file is opened."""

SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕张孔曹严华金魏陶姜"
GIVEN = "安博晨德恩芳国海佳康兰明宁平庆荣思天文欣雅志中子云泽"
TRADES = ("机械", "纺织", "食品", "医药", "建材", "电子", "物流", "农业")
REGIONS = ("north", "east", "south", "west", "centre")
CHANNELS = ("shop", "web", "fair", "referral", "telephone")


@attrs.frozen
class Customer:
    """One made-up customer.

    Args:
        number: his number, from 0.
        party: kind of party.
        name: his name, marked as synthetic.
        region: where he is.
        channel: how he came.
        mobile: a number of no telephone.
        opens: the month in which his file is opened, from 0.
        prospect: whether he never buys.
        quiet: whether he falls silent for most of the year, and comes back.
    """

    number: int
    party: PartyKind
    name: str
    region: str
    channel: str
    mobile: str
    opens: int
    prospect: bool
    quiet: bool

    @property
    def account(self) -> str:
        """His account number."""
        return account(self.number)

    @property
    def branch(self) -> int:
        """Which branch he belongs to."""
        return self.number // BRANCH

    @property
    def is_tie(self) -> bool:
        """Whether he is a household or group, to which others belong."""
        return self.party in ("household", "group")

    def staff(self, post: str) -> str:
        """Return who holds a post of his branch."""
        return staff(self.branch, post)


def account(number: int) -> str:
    """Return the account number of a customer."""
    return f"SYN-{number:06}"


def staff(branch: int, post: str) -> str:
    """Return who holds a post of a branch."""
    return f"syn-{branch:04}-{post}"


def section_of(branch: int) -> str:
    """Return the section of a branch."""
    return f"branch-{branch:04}"


def customer(seed: int, number: int) -> Customer:
    """Return a customer; he is the same whatever the number of the others.

    Args:
        seed: of the population.
        number: his number.
    """
    draw = Random(f"{seed}/{number}")
    place = number % BRANCH
    party: PartyKind = "organisation" if place % 3 == 0 else "person"
    if place == 0:
        party = "household"
    elif place == 1:
        party = "group"
    surname, given = draw.choice(SURNAMES), draw.choice(GIVEN) + draw.choice(GIVEN)
    name = {
        "person": f"合成{surname}{given}",
        "organisation": f"合成{given}{draw.choice(TRADES)}有限公司",
        "household": f"合成{surname}家",
        "group": f"合成{given}集团",
    }[party]
    late = draw.randint(1, LATEST_OPENING)
    return Customer(
        number=number,
        party=party,
        name=name,
        region=draw.choice(REGIONS),
        channel=CHANNELS[number % len(CHANNELS)],
        mobile=f"+86139{number:08}",
        opens=0 if place < 10 or number % 10 < OPENED_AT_ONCE else late,
        prospect=place % 25 == 9,
        quiet=place % 20 == 7,
    )
