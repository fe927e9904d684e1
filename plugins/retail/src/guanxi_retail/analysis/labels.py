"""Texts of the analyses: events, fields and codes, in both languages."""

from __future__ import annotations

from guanxi import Label

LABELS = {
    "retail.rfm.cell": Label("cell", "单元"),
    "retail.rfm.r": Label("R score", "R 评分"),
    "retail.rfm.f": Label("F score", "F 评分"),
    "retail.rfm.m": Label("M score", "M 评分"),
    "retail.rfm.recency": Label("days since last", "距今天数"),
    "retail.rfm.frequency": Label("purchase days", "购买日数"),
    "retail.rfm.monetary": Label("net value", "净消费额"),
    "retail.spend_class.spend_class": Label("class", "类别"),
    "retail.spend_class.spend": Label("spend", "消费额"),
    "retail.abc.grade": Label("class", "类别"),
    "retail.abc.spend": Label("spend", "消费额"),
    "retail.lapse.active": Label("active", "活跃"),
    "lapsed": Label("lapsed", "流失"),
    "own_interval": Label("own interval", "个人间隔"),
    "floor": Label("at least", "下限"),
    "default": Label("default", "默认值"),
    "retail.lapse_found": Label("lapse found", "判定流失"),
    "retail.exit_reason_recorded": Label("exit reason", "流失原因"),
    "retail.record_exit_reason": Label("record an exit reason", "登记流失原因"),
    "retail.silence_lasts": Label("silence lasted", "静默期满"),
    "retail.lapse_found.last_on": Label("last purchase", "最近消费"),
    "occasions": Label("purchase days", "购买日数"),
    "median_days": Label("own median interval", "自身间隔中位数"),
    "limit_days": Label("days allowed", "期限天数"),
    "basis": Label("basis", "依据"),
    "intervals": Label("intervals", "购买间隔"),
    "exit_reasons": Label("exit reasons", "流失原因"),
    "detail": Label("detail", "详情"),
    "product": Label("product", "产品"),
    "price": Label("price", "价格"),
    "competitor": Label("competitor", "竞争对手"),
    "service": Label("service", "服务"),
    "location": Label("location", "位置"),
    "stock": Label("stock", "缺货"),
    "need_ended": Label("need ended", "需求终止"),
    "unknown": Label("unknown", "未知"),
}
