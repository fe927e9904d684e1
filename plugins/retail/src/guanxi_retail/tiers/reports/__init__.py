"""Reports of tiers: the register of changes, the migration matrix, and whom to warn."""

from guanxi_retail.tiers.reports.migration import migration
from guanxi_retail.tiers.reports.register import register
from guanxi_retail.tiers.reports.warnings import warnings

REPORTS = (register, migration, warnings)
