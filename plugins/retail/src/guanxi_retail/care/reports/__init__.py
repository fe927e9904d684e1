"""Reports of care."""

from guanxi_retail.care.reports.audience import audience
from guanxi_retail.care.reports.care_list import care_list
from guanxi_retail.care.reports.friday_list import friday_list

REPORTS = (care_list, friday_list, audience)
