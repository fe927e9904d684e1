"""Stories of paid reading: the agreement, the fee, chapters."""

from __future__ import annotations

from collections.abc import Iterator

from guanxi_retail.reading.commands import BuyChapter, PayMembershipFee, SignReadingAgreement
from guanxi_retail.synthetic.ruling import WORK
from guanxi_retail.synthetic.telling import Step, Teller, yuan


def agreement(t: Teller) -> Iterator[Step]:
    """A reader agrees to the terms and reads a free chapter."""
    yield t.order(0, 19, SignReadingAgreement(agreement=t.code("RA"), wording_version="syn-1"), "web")
    yield t.order(0, 19.5, BuyChapter(work=WORK, chapter="1"), "web")


def chapters(t: Teller) -> Iterator[Step]:
    """A month's fee is paid, comes in some hours later, and chapters are bought."""
    fee = PayMembershipFee(fee=t.code("RF"), amount=yuan(3), initiated_at=t.moment(0, 8))
    yield t.order(0, 8 + t.draw.randint(1, 9), fee, "web")
    first = 10 * t.number + 3
    for n in range(t.draw.randint(2, 5)):
        yield t.order(1 + 3 * n, 21, BuyChapter(work=WORK, chapter=str(first + n)), "web")
