"""Promotions: discounts, cash-off, vouchers, scratch cards, referrals, and what the till checks of them."""
