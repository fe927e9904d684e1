"""Real purchases through the ledger, in one batch and in two (RET-59)."""

from __future__ import annotations

import pytest

from guanxi_retail.points.points import Points
from plugins.retail.tests.till import Shop, sample_tellings

pytestmark = pytest.mark.slow

LAST_DAY = "1998-06-30"


@pytest.mark.rule("RET-59p")
def test_every_line_earns_its_own_floored_points(shop):
    rows = shop.ledger.report("retail.points_movement", view="pending", as_of=LAST_DAY).rows
    assert sum(row[2] for row in rows) == 239_444
    first = shop.ledger.history("0001").as_of(LAST_DAY).state(Points)
    assert sum(lot.active + lot.expired for lot in first.lots.values()) == 98


@pytest.mark.rule("RET-59a", "RET-59q")
def test_one_batch_is_one_moment_of_knowledge_in_which_time_went_by(shop):
    assert {v.status for v in shop.verdicts[0]} == {"accepted"}
    assert shop.points_total(as_of=LAST_DAY) == (142_872, 96_572)
    assert shop.points_total(as_of="2012-03-01") == (239_444, 0)
    assert shop.points_total(as_known="2012-02-29") == (0, 0)
    assert shop.ledger.report("core.files", as_known="2012-02-29").rows == ()


@pytest.mark.rule("RET-59b")
def test_two_batches_come_to_the_same_and_what_lay_between_them_stays_known():
    shop = Shop(
        ("2012-03-01", sample_tellings("first", ("1997",))),
        ("2012-03-02", sample_tellings("second", ("1998",))),
    )
    assert [sum(v.status == "accepted" for v in batch) for batch in shop.verdicts] == [2_357 + 5_728, 1_191]
    assert shop.points_total(as_of=LAST_DAY, as_known="2012-03-01") == (142_872, 54_521)
    assert shop.points_total(as_of=LAST_DAY) == (142_872, 96_572)
    shop.ledger.close()


@pytest.mark.rule("RET-59")
def test_a_batch_read_again_adds_nothing(shop):
    again = shop.ledger.take_in(sample_tellings("again")[:300])
    assert {v.status for v in again} == {"known"}
