"""Reports of group purchase and delivery."""

from guanxi_retail.group_purchase.reports.customers import consumption, file_completeness
from guanxi_retail.group_purchase.reports.managers import manager_forecast
from guanxi_retail.group_purchase.reports.stocks import stock_report
from guanxi_retail.group_purchase.reports.vips import vip_list
from guanxi_retail.group_purchase.reports.weekly import weekly_sales

REPORTS = (vip_list, weekly_sales, consumption, stock_report, manager_forecast, file_completeness)
