"""Reports of the shop floor."""

from guanxi_retail.store.reports.best_employees import best_employees_report
from guanxi_retail.store.reports.campaigns import campaign_evaluation
from guanxi_retail.store.reports.credit import sales_credit_report
from guanxi_retail.store.reports.follow_up import card_follow_up_report
from guanxi_retail.store.reports.footfall import footfall_report
from guanxi_retail.store.reports.key_book import key_customer_book
from guanxi_retail.store.reports.month import store_month
from guanxi_retail.store.reports.reviews import vip_review_report
from guanxi_retail.store.reports.standard import service_standard

REPORTS = (
    sales_credit_report,
    store_month,
    footfall_report,
    best_employees_report,
    key_customer_book,
    vip_review_report,
    campaign_evaluation,
    card_follow_up_report,
    service_standard,
)
