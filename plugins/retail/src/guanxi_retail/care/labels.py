"""Texts of care: codes and kinds of due items, in both languages."""

from __future__ import annotations

from guanxi import Label

LABELS = {
    "retail.birthday_wish": Label("birthday wish to a cardholder", "持卡人生日短信"),
    "retail.birthday_gift": Label("birthday gift to a purchaser", "顾客生日礼品"),
    "retail.holiday_message": Label("holiday message", "节日短信"),
    "retail.anniversary_message": Label("anniversary message", "纪念日短信"),
    "retail.friday_message": Label("Friday message to a VIP", "VIP周五短信"),
    "retail.letter_run": Label("letters of a campaign", "活动信函"),
    "retail.store_event": Label("face-to-face event", "面对面门店活动"),
    "care_message": Label("message", "短信"),
    "care_gift": Label("gift", "礼品"),
    "letter": Label("letter", "信函"),
    "suppressed": Label("suppressed", "不发送"),
    "before_import": Label("before import", "导入前"),
    "exception": Label("exception", "例外"),
    "unassigned": Label("nobody is to send it", "未指定责任人"),
    "no_phone": Label("no telephone number", "无电话号码"),
    "february_28": Label("28 February", "2 月 28 日"),
    "march_1": Label("1 March", "3 月 1 日"),
    "solar": Label("solar", "公历"),
    "lunar": Label("lunar", "农历"),
    "membership": Label("membership", "入会"),
    "first_purchase": Label("first purchase", "首次消费"),
    "anniversary": Label("anniversary", "纪念日"),
}
