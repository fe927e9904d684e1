"""Texts for due items, in both languages."""

from __future__ import annotations

from guanxi.kernel.labels import Label

LABELS = {
    "core.due_item_assigned": Label("due item assigned", "待办事项指派"),
    "core.due_item_waived": Label("due item waived", "待办事项免除"),
    "core.assign_due_item": Label("assign a due item", "指派待办事项"),
    "core.waive_due_item": Label("waive a due item", "免除待办事项"),
    "core.due_items": Label("due items", "待办事项"),
    "cadence": Label("kind of due item", "待办类别"),
    "number": Label("number", "编号"),
    "person": Label("person answerable", "责任人"),
    "department": Label("department", "部门"),
    "approver": Label("approver", "批准人"),
    "persons": Label("named persons", "指定责任人"),
    "waived": Label("waived", "已免除"),
    "waived_at": Label("waived at", "免除时间"),
    "waived_by": Label("waived by", "免除批准人"),
    "open": Label("not due yet", "未到期"),
    "done": Label("done in time", "按期完成"),
    "overdue": Label("overdue", "逾期"),
    "late": Label("done late", "逾期完成"),
    "not_done": Label("not done", "未办"),
    "named_person_missing": Label("nobody named", "未指定责任人"),
    "approver_conflict": Label("approver conflict", "批准人冲突"),
    "reason_missing": Label("reason missing", "缺少原因"),
}
