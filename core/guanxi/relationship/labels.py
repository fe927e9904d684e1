"""Texts for the core's events, fields and codes, in both languages."""

from __future__ import annotations

from guanxi.kernel.labels import Label

LABELS = {
    "core.file_opened": Label("customer file opened", "建档"),
    "core.profile_fact_recorded": Label("profile fact recorded", "资料登记"),
    "core.relationship_closed": Label("relationship closed", "关系关闭"),
    "core.relationship_reopened": Label("relationship reopened", "关系恢复"),
    "core.identifier_recorded": Label("external id recorded", "外部标识登记"),
    "core.entry_corrected": Label("entry corrected", "记录更正"),
    "core.entry_voided": Label("entry voided", "记录作废"),
    "core.decision_withdrawn": Label("decision withdrawn", "判定撤回"),
    "core.decision_ended": Label("decision ended", "判定终止"),
    "core.breach_flagged": Label("breach flagged", "违规标记"),
    "core.breach_recorded": Label("taken in with a breach", "违规收录"),
    "core.rule_set_published": Label("rule set published", "规则集发布"),
    "core.import_batch_opened": Label("import batch opened", "导入批次开始"),
    "core.import_batch_closed": Label("import batch closed", "导入批次结束"),
    "account": Label("account no.", "户号"),
    "party": Label("kind", "类型"),
    "name": Label("name", "名称"),
    "source_channel": Label("source channel", "来源渠道"),
    "opened_by": Label("opened by", "建档人"),
    "field_name": Label("field", "字段"),
    "value": Label("value", "值"),
    "unit": Label("unit", "单位"),
    "evidence": Label("evidence", "凭证"),
    "scheme": Label("scheme", "标识类型"),
    "issuer": Label("issuer", "签发方"),
    "reason_code": Label("reason", "原因"),
    "exit_kind": Label("kind of exit", "退出方式"),
    "entry": Label("entry", "记录"),
    "rule": Label("rule", "规则"),
    "code": Label("code", "代码"),
    "decision": Label("decision", "判定"),
    "fields": Label("corrected fields", "更正字段"),
    "target_name": Label("event of the target", "目标事件"),
}
