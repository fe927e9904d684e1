"""What shops do by themselves: they open, count, sell to people without a card, choose, check, review and plan."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from random import Random

import attrs

from guanxi import Command, add_months
from guanxi.relationship.campaigns.commands import EndCampaign, IncurCampaignCost, PlanCampaign
from guanxi.relationship.care.commands import HoldGathering
from guanxi.relationship.governance.house import HOUSE
from guanxi.relationship.together.commands import SetGoal
from guanxi.relationship.together.goals import goal_stream
from guanxi_retail.points.rules import PointsRules
from guanxi_retail.promotions.rules import StackedDiscountRules
from guanxi_retail.purchases.events import ReceiptLine, ReturnedLine
from guanxi_retail.reading.commands import CountContentUse
from guanxi_retail.store.commands import (
    CheckServiceStandard,
    ChooseBestEmployee,
    CompleteStoreSale,
    CountFootfall,
    DecideStoreCompletion,
    FollowUpCardRules,
    HoldVipReview,
    OpenStore,
    PublishServiceStandard,
    RecordStoreReceipt,
    RecordWalkInVisit,
    RefundStoreReceipt,
    ReportOnMeasure,
)
from guanxi_retail.store.events import Article, ClauseResult, Measure
from guanxi_retail.store.months import STORE_SALES
from guanxi_retail.store.streams import day_stream, store_stream
from guanxi_retail.synthetic.basket import SEASON, WEEK, drawn, shopping_day
from guanxi_retail.synthetic.members import outlet, staff
from guanxi_retail.synthetic.ruling import WORK, Spring, made
from guanxi_retail.synthetic.telling import Step, yuan

ARTICLES, CLAUSES = 10, 10
WALK_INS = 8
"""Receipts without a card in an ordinary month of a shop."""
FOLLOW_UP_MONTH, FOLLOWED_VERSION = 8, 2


def event_of(shop: int, day: date) -> str:
    """Return the id of the event that a shop holds in a month."""
    return f"syn-event-{shop:03}-{day:%Y-%m}"


def review_of(shop: int, day: date) -> str:
    """Return the id of a shop's VIP review in a month."""
    return f"vip-review/syn-{shop:03}-{day:%Y-%m}"


@attrs.frozen
class Floor:
    """Makes the steps of one month of a shop.

    Args:
        shop: its number.
        first: first day of the month.
        month: which, from 0.
        zone: of the ledger.
        draw: for everything that is left to chance.
        spring: the campaign that runs in the month, if one does.
    """

    shop: int
    first: date
    month: int
    zone: tzinfo
    draw: Random
    spring: Spring | None

    @property
    def days(self) -> list[date]:
        """The days of the month."""
        return [self.first + timedelta(days=n) for n in range((add_months(self.first, 1) - self.first).days)]

    def at(self, day: date, hour: float) -> datetime:
        """Return a moment of a day."""
        return datetime.combine(day, datetime.min.time(), self.zone) + timedelta(minutes=round(hour * 60))

    def say(
        self, subject: str, day: date, hour: float, command: Command, by: str = "head", *, order: bool = True
    ) -> Step:
        """Return something that is ordered at its moment, or reported.

        Args:
            subject: of what.
            day: the day.
            hour: of it.
            command: what.
            by: the post that tells it.
            order: whether it is ordered.
        """
        return Step(
            subject=subject,
            at=self.at(day, hour),
            actor=staff(self.shop, by),
            command=command,
            order=order,
            ref=f"shop-{self.shop}/{self.month}/{type(command).__name__}/{hour:.2f}",
        )

    def steps(self) -> Iterator[Step]:
        """Yield everything that a shop tells in the month."""
        yield from self._opening()
        yield from self._targets()
        yield from self._walk_ins()
        yield from self._counting()
        yield from self._choosing()
        yield from self._reviewing()
        if self.spring is not None:
            yield from self._campaign(self.spring)
        if self.shop == 0:
            yield from self._of_the_house()

    def _opening(self) -> Iterator[Step]:
        if self.month:
            return
        store = store_stream(outlet(self.shop))
        yield self.say(store, self.first, 8.5, OpenStore(name=f"合成店{self.shop:03}"))
        articles = tuple(
            Article(
                number=str(n),
                title=f"合成第{n}条",
                clauses=tuple(f"{n}.{k}" for k in range(1, CLAUSES + 1)),
            )
            for n in range(1, ARTICLES + 1)
        )
        standard = PublishServiceStandard(articles=articles, theme="合成：微笑")
        yield self.say(store, self.first, 8.7, standard)

    def _targets(self) -> Iterator[Step]:
        goal = SetGoal(
            measure=STORE_SALES,
            owner=outlet(self.shop),
            target=Decimal(round(9_000 * SEASON[self.first.month - 1])),
            period_from=self.first,
            period_until=self.days[-1],
        )
        stream = goal_stream(f"{outlet(self.shop)}-{self.first:%Y-%m}")
        yield self.say(stream, self.first, 8.8, goal)

    def _walk_ins(self) -> Iterator[Step]:
        number = f"{outlet(self.shop)}-{self.first:%Y%m}"
        discount = self.spring.discount if self.spring is not None else made(StackedDiscountRules)
        for n in range(round(WALK_INS * SEASON[self.first.month - 1])):
            day = shopping_day(self.draw, self.first, self.days[2:-3])
            lines = tuple(attrs.evolve(one, discounts=()) for one in drawn(self.draw, discount, day))
            paid = sum((one.paid for one in lines), Decimal(0))
            told = RecordStoreReceipt(
                receipt=f"{number}-{n}",
                paid=yuan(paid),
                lines=lines,
                salesperson=staff(self.shop, "seller"),
                phone_given=self.draw.random() < 0.5,
            )
            stream = day_stream(outlet(self.shop), day)
            yield self.say(stream, day, 11 + n / 4, told, "till", order=n == 0)
            if n == 0:
                waits = self.month % 3 == 1
                done = CompleteStoreSale(
                    receipt=told.receipt,
                    phone_given=True,
                    card_given=True,
                    approved_by=None if waits else staff(self.shop, "head"),
                )
                yield self.say(stream, day + timedelta(days=1), 10, done, "desk")
                if waits:
                    agreed = DecideStoreCompletion(receipt=told.receipt)
                    yield self.say(stream, day + timedelta(days=2), 10, agreed)
            if n == 1:
                yield self.say(
                    stream, day + timedelta(days=2), 12, self._back(told.receipt, lines[0]), "till"
                )

    @staticmethod
    def _back(receipt: str, line: ReceiptLine) -> RefundStoreReceipt:
        back = ReturnedLine(number=line.number, quantity=line.quantity, net=line.net, paid=line.paid)
        return RefundStoreReceipt(
            refund=f"{receipt}-Q",
            receipt=receipt,
            paid=yuan(line.paid),
            quantity=line.quantity,
            lines=(back,),
        )

    def _counting(self) -> Iterator[Step]:
        for n, day in enumerate(self.days):
            persons = round(60 * WEEK[day.weekday()] * SEASON[day.month - 1]) + self.draw.randint(0, 20)
            counted = CountFootfall(
                entrance="north", begins=self.at(day, 10), ends=self.at(day, 21), persons=persons
            )
            stream = day_stream(outlet(self.shop), day)
            yield self.say(stream, day, 21.2, counted, "desk", order=False)
            if n % 5 == 0:
                visit = RecordWalkInVisit(
                    visit=f"{outlet(self.shop)}-{day:%Y%m%d}-V",
                    received_by=staff(self.shop, "seller"),
                    outcome="not_bought",
                    lost_reason=self.draw.choice(("style_out_of_stock", "price", "only_looking")),
                )
                yield self.say(stream, day, 17, visit, "seller", order=False)

    def _choosing(self) -> Iterator[Step]:
        store = store_stream(outlet(self.shop))
        for day in (self.days[9], self.days[23]):
            chosen = ChooseBestEmployee(
                employee=staff(self.shop, self.draw.choice(("seller", "desk"))), ground="合成：业绩"
            )
            yield self.say(store, day, 18, chosen)
        results: dict[str, ClauseResult] = {
            f"{n}.{k}": "met" if self.draw.random() < 0.95 else "not_met"
            for n in range(1, ARTICLES + 1)
            for k in range(1, CLAUSES + 1)
        }
        results["1.1"] = "not_applicable"
        check = CheckServiceStandard(check=f"{outlet(self.shop)}-{self.first:%Y-%m}", clauses=results)
        yield self.say(store, self.days[19], 9, check)

    def _reviewing(self) -> Iterator[Step]:
        if self.month % 2 == 0:
            held = HoldGathering(kind="store_event", minutes="合成纪要", measures="合成：加强回访")
            yield self.say(event_of(self.shop, self.first), self.days[14], 15, held)
        if self.month % 3 != 2:
            return
        review = review_of(self.shop, self.first)
        measures = (Measure(number="1", text="合成：逐一致电", person=staff(self.shop, "head")),)
        held_review = HoldVipReview(
            outlet=outlet(self.shop), chair=staff(self.shop, "head"), minutes="合成纪要", measures=measures
        )
        yield self.say(review, self.days[24], 15, held_review)
        if self.month >= 5:
            before = review_of(self.shop, add_months(self.first, -3))
            report = ReportOnMeasure(measure="1", outcome="done", at_review=review)
            yield self.say(before, self.days[24], 15.5, report)

    def _campaign(self, campaign: Spring) -> Iterator[Step]:
        if self.shop:
            return
        plan = PlanCampaign(
            title="合成春季活动",
            department="marketing",
            segment="合成客群",
            starts_on=campaign.first,
            ends_on=campaign.last,
        )
        yield self.say(campaign.campaign, self.first, 9, plan, "marketing")
        for item, amount in (("gifts", 800), ("media", 1_500)):
            cost = IncurCampaignCost(cost=item, item=item, amount=yuan(amount))
            yield self.say(campaign.campaign, campaign.first, 9.5 + amount / 10_000, cost, "marketing")
        yield self.say(campaign.campaign, campaign.last + timedelta(days=1), 9, EndCampaign(), "marketing")
        yield Step(
            subject=campaign.campaign,
            at=self.at(campaign.last + timedelta(days=2), 10),
            actor=staff(0, "marketing"),
            order=True,
            deed="evaluate",
        )

    def _of_the_house(self) -> Iterator[Step]:
        use = CountContentUse(
            month=self.first, clicks=self.draw.randint(800, 2_000), downloads=self.draw.randint(50, 200)
        )
        yield self.say(WORK, self.days[-1], 22, use, "web")
        if self.month == FOLLOW_UP_MONTH:
            told = FollowUpCardRules(
                rule_set=PointsRules.stored_name,
                version=FOLLOWED_VERSION,
                feedback="合成：意见",
                operation="合成：运行",
                improvement="none",
                because="合成：无须改进",
                vip_traits="合成：偏好礼品",
            )
            yield self.say(HOUSE, self.days[10], 10, told, "marketing")
