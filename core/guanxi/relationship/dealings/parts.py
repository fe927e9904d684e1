"""What this room hands over to the core."""

from guanxi.kernel.labels import Label
from guanxi.kernel.plugins import Parts
from guanxi.relationship.dealings.cadences import CADENCES
from guanxi.relationship.dealings.commands import COMMANDS
from guanxi.relationship.dealings.credit import credit
from guanxi.relationship.dealings.events import EVENTS
from guanxi.relationship.dealings.expenses import expenses
from guanxi.relationship.dealings.holding import holding
from guanxi.relationship.dealings.installed import installed_products
from guanxi.relationship.dealings.labels import LABELS
from guanxi.relationship.dealings.orders import orders
from guanxi.relationship.dealings.read_models import READ_MODELS
from guanxi.relationship.dealings.receivables import receivables
from guanxi.relationship.dealings.reports import REPORTS
from guanxi.relationship.dealings.rules import RULE_SETS
from guanxi.relationship.dealings.sales_reports import SALES_REPORTS
from guanxi.relationship.dealings.toll import toll_materials
from guanxi.relationship.dealings.warnings import warnings
from guanxi.relationship.version import VERSION

parts = Parts(
    name="core",
    version=VERSION,
    title=Label("Dealings", "交易往来"),
    events=EVENTS,
    commands=COMMANDS,
    facets=(credit, orders, receivables, holding, warnings, expenses, toll_materials, installed_products),
    rule_sets=RULE_SETS,
    read_models=READ_MODELS,
    reports=(*REPORTS, *SALES_REPORTS),
    cadences=CADENCES,
    labels=LABELS,
)
