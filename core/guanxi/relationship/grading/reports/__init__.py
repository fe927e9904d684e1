"""Reports on classes and value (reports 5 and 29 to 33)."""

from guanxi.relationship.grading.reports.churn import churn_report
from guanxi.relationship.grading.reports.concentration import concentration_report
from guanxi.relationship.grading.reports.in_force import in_force
from guanxi.relationship.grading.reports.lists import key_and_problem
from guanxi.relationship.grading.reports.loyalty import loyalty_report
from guanxi.relationship.grading.reports.migration import migration
from guanxi.relationship.grading.reports.value import value

REPORTS = (
    loyalty_report,
    concentration_report,
    migration,
    in_force,
    value,
    key_and_problem,
    churn_report,
)
