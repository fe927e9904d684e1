"""Stories of promotions: vouchers that are used, given back, cancelled and lapse; scratch cards, friends, exchanges."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from guanxi import OpenFile
from guanxi.relationship.file.commands import MergeFiles, UndoMerge
from guanxi_retail.promotions.commands import (
    ChooseReferralReward,
    DrawScratchCard,
    PayOutVoucher,
    PrintVoucher,
    RecordExchange,
)
from guanxi_retail.promotions.events import ExchangedLine
from guanxi_retail.purchases.events import Tender
from guanxi_retail.synthetic.basket import Good, given_back, line
from guanxi_retail.synthetic.members import account
from guanxi_retail.synthetic.ruling import E_DAYS, FIRST_DAY, LAST_DAY
from guanxi_retail.synthetic.stories.buying import COAT, SERUM, TEA, sold
from guanxi_retail.synthetic.telling import Step, Teller

GEM = Good("coloured_gems", "jewellery", "合成宝", 300, 900, "high")
FACE = Decimal(60)
GIVEN_BACK = 10
"""The place whose members give back what they paid with a voucher."""
PRIZES = ("合成毛巾", "合成水杯", "合成雨伞")


def ladder(t: Teller) -> Iterator[Step]:
    """On the campaign's first day money earns vouchers: one is used and given back, one is asked for in money and lapses."""
    start = FIRST_DAY - t.first.day
    number = t.code("R", 1)
    yield t.order(start, 11, sold(t, number, (line(280, SERUM), line(170, TEA, 2))))
    serial = t.code("S")
    prize = t.draw.choice(PRIZES)
    yield t.order(start, 11.5, DrawScratchCard(receipt=number, serial=serial, prize=prize), "desk")
    keys = [f"RET-11/{t.day(start).isoformat()}/{step}" for step in (1, 2)]
    printed = t.code("V")
    yield t.order(start, 12, PrintVoucher(voucher=keys[0], number=printed), "desk")
    voucher = Tender(kind="voucher", amount=FACE, number=printed)
    used = sold(t, t.code("R", 2), (line(150, COAT), line(90, TEA, 2)), other=voucher)
    yield t.order(start + 14, 15, used)
    if t.member.place == GIVEN_BACK:
        yield t.order(start + 17, 15, given_back(t.code("Q"), used, used.lines, "合成：尺寸"))
    yield t.order(start + 20, 10, PayOutVoucher(voucher=keys[1]), "desk")


def of_two_files(t: Teller) -> Iterator[Step]:
    """A voucher of a second file is used while the two are one; it stays used when they are two people's after all."""
    other, start = f"{t.member.account}-V", FIRST_DAY - t.first.day
    opened = OpenFile(name=t.member.name, source_channel=t.member.channel)
    yield t.order(0, 10, opened, "desk", subject=other)
    earned = sold(t, t.code("R", 1), (line(240, SERUM),), card=None)
    yield t.order(start, 11, earned, subject=other)
    yield t.order(start + 2, 10, MergeFiles(absorbed=other), "desk")
    voucher = Tender(kind="voucher", amount=FACE, number=f"RET-11/{t.day(start).isoformat()}/1")
    used = sold(t, t.code("R", 2), (line(190, COAT),), other=voucher)
    yield t.order(start + 4, 15, used)
    yield t.order(start + 8, 10, UndoMerge(absorbed=other), "desk")


def cancelled(t: Teller) -> Iterator[Step]:
    """A receipt of the campaign's last days earns an e-voucher, and comes back."""
    start = LAST_DAY - E_DAYS + 1 - t.first.day
    told = sold(t, t.code("R"), (line(330, SERUM), line(70, TEA, 2)))
    yield t.order(start, 11, told)
    yield t.order(start + 3, 12, given_back(t.code("Q"), told, told.lines, "合成：重复"))


def friend(t: Teller) -> Iterator[Step]:
    """The friend who was brought buys sets; one comes back, and the one who brought her chooses a gift for another."""
    told = sold(t, t.code("R"), (line(300, SERUM), line(180, COAT, 2), line(90, TEA, 3)))
    yield t.order(0, 14, told)
    referrer, friend_account = account(t.member.neighbour(4)), account(t.member.neighbour(5))
    for part, choice in ((1, "voucher"), (2, "gift")):
        chosen = ChooseReferralReward(
            friend=friend_account,
            number=f"{told.receipt}/{part}",
            choice=choice,  # type: ignore[arg-type]
        )
        yield t.order(3, 10 + part, chosen, "desk", subject=referrer)
    yield t.order(6, 15, given_back(t.code("Q"), told, told.lines[2:], "合成：受潮"))


def exchanged(t: Teller) -> Iterator[Step]:
    """A stone is exchanged for a dearer one, another for a cheaper one."""
    for part, (old, new) in enumerate(((400, 520), (600, 450)), 1):
        told = sold(t, t.code("R", part), (line(old, GEM),))
        yield t.order(10 * part, 14, told)
        goods = (line(new, GEM),)
        exchange = RecordExchange(
            exchange=t.code("E", part),
            refund=t.code("EQ", part),
            receipt=t.code("ER", part),
            replaces=told.receipt,
            returned=(ExchangedLine(number=1, quantity=1, net=Decimal(old)),),
            goods=goods,
            salesperson=t.member.staff("seller"),
        )
        yield t.order(10 * part + 4, 14, exchange)
