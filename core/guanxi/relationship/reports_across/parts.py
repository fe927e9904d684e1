"""What is handed over to the core."""

from guanxi.kernel.labels import Label
from guanxi.kernel.plugins import Parts
from guanxi.relationship.overviews import OVERVIEWS
from guanxi.relationship.reports_across import history_quality, runs_judged_again
from guanxi.relationship.reports_across.appraisal import appraisal
from guanxi.relationship.reports_across.read_models import READ_MODELS
from guanxi.relationship.version import VERSION

_QUALITY = {
    "late": Label("entered late", "事后补录"),
    "import_batch": Label("import batch", "导入批次"),
    "corrected": Label("correction", "更正"),
    "voided": Label("void", "作废"),
    "breach": Label("breach of a rule", "违规留痕"),
    "decision_revised": Label("decision revised", "判定修订"),
    "decision_withdrawn": Label("decision withdrawn", "判定撤回"),
    "decision_ended": Label("decision ended", "判定终止"),
    "files_merged": Label("files merged", "档案合并"),
    "merge_undone": Label("merge undone", "撤销合并"),
    "would_differ": Label("would differ", "将有差异"),
    "without_ground": Label("without ground", "失去依据"),
    "pending": Label("not written down yet", "尚未落账"),
    "incomplete": Label("incomplete file", "不完整档案"),
    "stale": Label("stale file", "陈旧档案"),
    "entered": Label("entered in the period", "期间录入"),
    "standing": Label("stands at the cut", "截点现存"),
    "by_hand": Label("by hand", "人工录入"),
    "import": Label("import", "导入"),
    "feed": Label("feed", "系统接口"),
}
_TIMELINE = {
    "added": Label("added", "新增"),
    "changed": Label("changed", "变更"),
    "unchanged": Label("unchanged", "未变"),
    "gone": Label("gone", "已不在"),
    "trust": Label("trust", "信任"),
    # What differs is told by the columns of the sections.
    **{column.name: column.label for overview in OVERVIEWS for column in overview.columns},
}

parts = Parts(
    name="core",
    version=VERSION,
    title=Label("Reports across subjects", "跨主题报表"),
    read_models=READ_MODELS,
    reports=(appraisal, history_quality.REPORT, runs_judged_again.REPORT),
    labels={
        "customers": Label("customers held", "客户数"),
        "growth": Label("growth", "增长"),
        **{f"core.history_quality.{code}": label for code, label in _QUALITY.items()},
        **{f"core.customer_timeline.{code}": label for code, label in _TIMELINE.items()},
    },
)
