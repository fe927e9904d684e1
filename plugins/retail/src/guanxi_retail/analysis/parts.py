"""What this room hands over to the plugin."""

from guanxi import Label, Parts
from guanxi_retail.analysis.abc_run import abc_run
from guanxi_retail.analysis.commands import COMMANDS
from guanxi_retail.analysis.events import EVENTS
from guanxi_retail.analysis.exits import exits
from guanxi_retail.analysis.labels import LABELS
from guanxi_retail.analysis.lapsing import rhythm
from guanxi_retail.analysis.reports import REPORTS
from guanxi_retail.analysis.rules import RULE_SETS
from guanxi_retail.analysis.runs import RUNS
from guanxi_retail.version import VERSION

parts = Parts(
    name="retail",
    version=VERSION,
    title=Label("Analyses", "分析"),
    events=EVENTS,
    commands=COMMANDS,
    facets=(rhythm,),
    rule_sets=RULE_SETS,
    read_models=(exits,),
    reports=REPORTS,
    runs=(*RUNS, abc_run),
    labels=LABELS,
)
