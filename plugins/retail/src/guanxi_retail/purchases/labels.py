"""Texts of purchases: events, fields and codes, in both languages."""

from __future__ import annotations

from guanxi import Label

LABELS = {
    "retail.purchase_recorded": Label("purchase", "消费"),
    "retail.purchase_refunded": Label("refund", "退货"),
    "receipt": Label("receipt", "小票"),
    "paid": Label("paid", "实付"),
    "quantity": Label("pieces", "件数"),
    "area": Label("area", "区域"),
    "outlet": Label("outlet", "门店"),
    "refund": Label("refund no.", "退货号"),
    "conditions": Label("held at the till", "适用条件"),
    "first_on": Label("first on", "首次消费"),
    "last_on": Label("last on", "最近消费"),
    "spent": Label("spent", "消费额"),
    "returned": Label("returned", "退货额"),
    "count": Label("purchases", "消费次数"),
    "net": Label("net", "净额"),
    "exceeds_original": Label("more than was paid", "超过原消费额"),
    "sales": Label("sales", "消费"),
    "refunds": Label("refunds", "退货"),
    "amount_sign": Label("wrong sign", "金额正负有误"),
    "source_conflict": Label("number on record already", "编号已登记"),
    "unit_mismatch": Label("another currency", "币种不一致"),
    "card": Label("card", "会员卡"),
    "phone": Label("telephone", "电话"),
    "salesperson": Label("salesperson", "营业员"),
    "tenders": Label("tenders", "付款方式"),
    "lines": Label("lines", "行"),
    "reason": Label("reason", "原因"),
    "line_missing": Label("line missing", "未指明行"),
    "unknown_line": Label("unknown line", "无此行"),
    "lines_do_not_add_up": Label("lines do not add up", "行合计不符"),
    "purchase_awaited": Label("waits for its purchase", "待原消费登记"),
    "quantity_zero": Label("no pieces, but a net", "件数为零而有净额"),
    "currencies": Label("currencies", "币种"),
}
