"""Texts of paid reading: events, commands, fields and codes, in both languages."""

from __future__ import annotations

from guanxi import Label

LABELS = {
    "retail.reading_agreement_signed": Label("reading agreement signed", "阅读协议签订"),
    "retail.membership_fee_paid": Label("membership fee paid", "会员费到账"),
    "retail.chapter_purchased": Label("chapter bought", "章节购买"),
    "retail.content_use_counted": Label("use counted", "内容使用统计"),
    "retail.sign_reading_agreement": Label("sign the reading agreement", "签订阅读协议"),
    "retail.pay_membership_fee": Label("pay the membership fee", "缴纳会员费"),
    "retail.buy_chapter": Label("buy a chapter", "购买章节"),
    "retail.count_content_use": Label("count the use of a work", "统计内容使用"),
    "agreement": Label("agreement", "协议"),
    "wording_version": Label("version of the wording", "文本版本"),
    "fee": Label("fee no.", "会员费编号"),
    "first_day": Label("first day", "首日"),
    "last_day": Label("last day", "末日"),
    "initiated_at": Label("initiated at", "支付时间"),
    "credited_at": Label("credited at", "到账时间"),
    "work": Label("work", "作品"),
    "chapter": Label("chapter", "章节"),
    "price": Label("price", "价格"),
    "access_at": Label("readable from", "可读时间"),
    "month": Label("month", "月份"),
    "clicks": Label("clicks", "点击"),
    "downloads": Label("downloads", "下载"),
    "users": Label("users", "用户数"),
    "agreements": Label("agreements", "协议"),
    "contracts": Label("contracts", "合同"),
    "memberships": Label("memberships", "会员期"),
    "chapters": Label("chapters", "章节"),
    "months": Label("months", "月份"),
    "agreement_missing": Label("no agreement", "未签协议"),
    "fee_not_credited": Label("fee not credited", "会员费未到账"),
    "membership_expired": Label("membership expired", "会员已到期"),
    "already_bought": Label("bought already", "已购买"),
    "naive_datetime": Label("moment without a zone", "时间缺少时区"),
}
