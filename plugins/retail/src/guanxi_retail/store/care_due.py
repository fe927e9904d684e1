"""What is due in care, as far as VIP reviews look at it (RET-37)."""

from guanxi_retail.care.cadences import CADENCES as CARE

__all__ = ["CARE"]
