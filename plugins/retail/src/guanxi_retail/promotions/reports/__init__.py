"""Reports on promotions: vouchers, what campaigns gave, referrals, exchanges."""

from __future__ import annotations

from guanxi_retail.promotions.reports.campaigns import promotion_redemption
from guanxi_retail.promotions.reports.exchanges import exchange
from guanxi_retail.promotions.reports.referral import referral
from guanxi_retail.promotions.reports.register import voucher_register

REPORTS = (voucher_register, promotion_redemption, referral, exchange)
