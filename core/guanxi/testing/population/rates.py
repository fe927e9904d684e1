"""How often what happens: the one table of the population's rates, and what it cannot reach."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

import attrs

from guanxi.testing.population.people import Customer
from guanxi.testing.population.stories import caring, dealing, files, keeping, selling, serving
from guanxi.testing.population.telling import Step, Teller

Who = Literal["anybody", "persons", "organisations", "buyers", "others", "prospects", "quiet"]
Story = Callable[[Teller], Iterator[Step]]


@attrs.frozen
class Rate:
    """How often a story happens to a customer.

    Args:
        story: what happens.
        a_year: how often in a year of twelve months, on average over many customers.
        who: to whom; nobody of the others.
        months: how many months after its first the story may go on.
        month: the one month in which it begins, counted from 0, or from the last if negative; any if None.
        last_day: whether it begins on the month's last day, and not on one of the first 24.
    """

    story: Story
    a_year: float
    who: Who = "anybody"
    months: int = 1
    month: int | None = None
    last_day: bool = False

    @property
    def name(self) -> str:
        """What the story is called."""
        return self.story.__name__

    def fits(self, customer: Customer) -> bool:
        """Return whether it happens to customers like this one."""
        match self.who:
            case "persons":
                return customer.party == "person"
            case "organisations":
                return customer.party == "organisation"
            case "buyers":
                return not (customer.is_tie or customer.prospect or customer.quiet)
            case "others":
                return customer.is_tie or customer.prospect or customer.quiet
            case "prospects":
                return customer.prospect
            case "quiet":
                return customer.quiet
            case _:
                return True


RATES: tuple[Rate, ...] = (
    # his file
    Rate(files.facts, 1),
    Rate(files.facts, 5, "others"),
    Rate(files.submitted, 0.06),
    Rate(files.contacts, 0.15),
    Rate(files.roles, 0.15, months=2),
    Rate(files.ties, 0.15, "persons", months=2),
    Rate(files.ties, 0.15, "organisations", months=2),
    Rate(files.double, 0.06, months=2),
    Rate(files.closing, 0.05, last_day=True),
    Rate(files.winning_back, 1, "quiet", month=9),
    Rate(files.rights, 0.06),
    Rate(files.erasing, 0.04, month=-1, last_day=True),
    # selling
    Rate(selling.calls, 3, "buyers"),
    Rate(selling.calls, 12, "others"),
    Rate(selling.visits, 0.6, "buyers"),
    Rate(selling.mail, 0.3, "buyers"),
    Rate(selling.plans, 0.15, "buyers"),
    Rate(selling.people, 0.3, "organisations", months=2),
    Rate(selling.concerns, 0.2),
    Rate(selling.lead, 0.15),
    Rate(selling.opportunity, 0.4, "buyers", months=2),
    Rate(selling.collision, 0.06, "buyers"),
    Rate(selling.tender, 0.15, "buyers", months=2),
    Rate(selling.contract, 0.08, "buyers", months=3),
    Rate(selling.handover, 0.08, months=2),
    Rate(selling.second_maintainer, 0.05),
    Rate(selling.section, 0.06),
    Rate(selling.oversight, 0.15, months=2),
    # dealings
    Rate(dealing.sale, 1.6, "buyers", months=2),
    Rate(dealing.sale, 1, "quiet", month=0),
    Rate(dealing.sale, 1, "quiet", month=-2),
    Rate(dealing.changed, 0.2, "buyers"),
    Rate(dealing.credit, 0.12, "buyers", months=2),
    Rate(dealing.collecting, 0.08, "buyers", months=2),
    Rate(dealing.advance, 0.08, "buyers", months=2),
    Rate(dealing.funded, 0.1, "buyers", months=2),
    Rate(dealing.expense, 0.4, "buyers"),
    Rate(dealing.installing, 0.08, "buyers", months=2),
    # service
    Rate(serving.complaint, 0.2),
    Rate(serving.feedback, 0.4),
    Rate(serving.need, 0.4),
    Rate(serving.request, 0.4, "buyers"),
    Rate(serving.survey, 0.5, "buyers"),
    Rate(serving.promise, 0.5, months=2),
    Rate(serving.trial, 0.15),
    # contact and campaigns
    Rate(caring.preference, 0.7, month=0),
    Rate(caring.withdrawal, 0.15, months=2),
    Rate(caring.greeting, 1, "buyers"),
    Rate(caring.offer, 1, "buyers"),
    Rate(caring.service_note, 1, "buyers"),
    Rate(caring.gift, 0.5),
    Rate(caring.age_band, 0.1, "persons", month=-1),
    Rate(caring.gathering, 0.3, "buyers"),
    Rate(caring.gone, 1, "prospects", month=0),
    Rate(caring.campaign, 0.3, "buyers", months=2),
    Rate(caring.screening, 0.15),
    # kept and worked on together
    Rate(keeping.classes, 0.12, months=2),
    Rate(keeping.signals, 0.1, months=2),
    Rate(keeping.papers, 0.25, months=2),
    Rate(keeping.bad_paper, 0.06),
    Rate(keeping.held_paper, 0.06, months=2),
    Rate(keeping.destroyed_paper, 0.04, months=2),
    Rate(keeping.form, 0.2),
    Rate(keeping.discussion, 0.3),
    Rate(keeping.discussion, 3, "others"),
    Rate(keeping.due, 0.1),
)
"""Every story with its rate; an opening comes on top of these, once for each customer."""
FILLER = Rate(selling.calls, 0)
"""What happens to those of whom little else is told, until there is enough."""
ENOUGH = 46
"""Tellings of a customer's year, at least; some bring more than one entry, and some of the last days' fall into the next year."""


UNREACHED: dict[str, str] = {}
"""Events of the core that no year of the population holds, each with the reason."""
