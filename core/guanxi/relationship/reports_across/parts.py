"""What is handed over to the core."""

from guanxi.kernel.labels import Label
from guanxi.kernel.plugins import Parts
from guanxi.relationship.reports_across.appraisal import appraisal
from guanxi.relationship.version import VERSION

parts = Parts(
    name="core",
    version=VERSION,
    title=Label("Reports across subjects", "跨主题报表"),
    reports=(appraisal,),
    labels={"customers": Label("customers held", "客户数"), "growth": Label("growth", "增长")},
)
