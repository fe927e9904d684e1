"""The sections of the whole view of a customer, one function for each subject (CORE-77)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from guanxi.kernel.labels import Label
from guanxi.kernel.overview import Code, Look, Overview
from guanxi.kernel.privacy import ERASED
from guanxi.kernel.reports import CellType, Column
from guanxi.kernel.values import MINOR_UNITS, Money
from guanxi.relationship.care.messages import Messages, messages
from guanxi.relationship.dealings.orders import Order, Orders, orders
from guanxi.relationship.dealings.receivables import Receivables, receivables
from guanxi.relationship.dealings.rules import CollectionRules
from guanxi.relationship.documents.papers import Papers, papers
from guanxi.relationship.file.belonging import Belonging, belonging
from guanxi.relationship.file.contacts import ContactPoints, contacts
from guanxi.relationship.file.customer_file import CustomerFile, customer_file
from guanxi.relationship.grading.events import IMPORTANCE
from guanxi.relationship.grading.importance import (
    GRADED,
    OVERRIDDEN,
    ClassRow,
    Importance,
    classes_in_force,
    importance,
)
from guanxi.relationship.grading.rules import ImportanceRules
from guanxi.relationship.ownership.maintainers import Ownership, maintainers
from guanxi.relationship.ownership.oversight import Oversight, oversight
from guanxi.relationship.ownership.sections import Section, sections
from guanxi.relationship.people.contact_persons import ContactPersons, contact_persons
from guanxi.relationship.people.lifecycle import Lifecycle, lifecycle
from guanxi.relationship.people.trust import Trust, trust
from guanxi.relationship.pipeline.contracts import Contracts, contracts
from guanxi.relationship.pipeline.leads import Leads, leads
from guanxi.relationship.pipeline.opportunities import Opportunities, opportunities
from guanxi.relationship.service.complaints import Complaints, complaints
from guanxi.relationship.service.promises import Promises, promises
from guanxi.relationship.service.service_requests import ServiceRequests, service_requests

Row = tuple[Any, ...]


def _column(name: str, en: str, zh: str, type: CellType = "text") -> Column:
    return Column(name, Label(en, zh), type)


def _text(value: Any) -> Any:
    """Return what was told, or that it is erased; a cell of any other kind as text."""
    return value if value is None or value is ERASED else str(value)


def _code(value: str | None) -> Code | None:
    return None if value is None else Code(value)


def _amount(amount: Decimal | Money | None, currency: str = "") -> str | None:
    """Return an amount with its currency's decimals, so that all of a column read alike."""
    if isinstance(amount, Money):
        return _amount(amount.amount, amount.currency)
    return None if amount is None else f"{amount:.{MINOR_UNITS.get(currency, 2)}f} {currency}"


def _file(look: Look) -> Iterator[Row]:
    file, life = look.of(CustomerFile), look.of(Lifecycle)
    yield "account", file.account, file.opened_on
    yield "name", _text(file.name), file.opened_on
    yield "party", _code(file.party), file.opened_on
    yield "status", _code(file.status), file.closed_on or file.opened_on
    yield "stage", _code(life.stage), life.since
    yield "trust", _code(look.of(Trust).stage), None
    yield "section", look.of(Section).section, None
    for field, value in sorted(file.profile.items()):
        if field != "name":
            yield field, _text(value), None


def _contacts(look: Look) -> Iterator[Row]:
    # The points' own numbers say whose and when; here they are only to be told apart.
    for n, point in enumerate(look.of(ContactPoints).active.values(), 1):
        yield n, point.type, _text(point.value), point.use, point.since


def _people(look: Look) -> Iterator[Row]:
    for person, found in look.of(ContactPersons).by_id.items():
        key = "yes" if found.key_person else "no"
        yield person, _text(found.name), found.post, found.decision_role, key, found.since
    for kind, ties in sorted(look.of(Belonging).ties.items()):
        for tie in ties:
            yield tie.other, _text(tie.name), None, kind, None, tie.since


def _owner(look: Look) -> Iterator[Row]:
    own = look.of(Ownership)
    if own.maintainer is not None:
        # ``route:source_channel=web`` is a code and what it is about.
        yield "maintainer", own.maintainer, own.basis.replace(":", " ").replace("=", " = "), own.since
    for leader in look.of(Oversight).leaders:
        yield "overseer", leader, None, None


def _leads(look: Look) -> Iterator[Row]:
    for number, lead in look.of(Leads).by_number.items():
        if lead.closed_at is None:
            yield number, lead.type, lead.urgency or None, lead.assignee, lead.recorded_at


def _opportunities(look: Look) -> Iterator[Row]:
    for number, found in look.of(Opportunities).by_number.items():
        if found.is_open:
            yield number, found.stage, _amount(found.amount), found.assignee, found.expected_on


def _contracts(look: Look) -> Iterator[Row]:
    today = look.at.date()
    for number, found in look.of(Contracts).by_number.items():
        to_come = found.ended_at is None and found.starts_on is not None and found.starts_on > today
        state = "in_force" if found.in_force(today) else "to_come" if to_come else "ended"
        yield number, state, _amount(found.amount), found.starts_on, found.ends_on


def _orders(look: Look) -> Iterator[Row]:
    held = look.of(Orders)
    for number, order in held.orders.items():
        causes = held.held(order)
        yield (
            number,
            _order_state(order, causes),
            _amount(order.total, order.currency),
            _amount(order.delivered, order.currency),
            ", ".join(causes) or None,
        )


def _order_state(order: Order, causes: list[str]) -> str:
    if causes:
        return "held"
    if order.is_open:
        return "open"
    shipped = any(line.shipped for line in order.lines.values())
    return "fulfilled" if shipped or not order.lines else "cancelled"


def _receivables(look: Look) -> Iterator[Row]:
    book, rules, today = look.of(Receivables), look.rules(CollectionRules), look.at.date()
    for number in book.unpaid:
        owed = book.receivables[number]
        days = owed.overdue_days(today)
        yield (
            number,
            _amount(owed.open, owed.currency),
            owed.due_on,
            days,
            rules.bucket(days),
            book.collector_of(number),
        )


def _payments(look: Look) -> Iterator[Row]:
    for number, receipt in look.of(Receivables).receipts.items():
        yield number, _amount(receipt.amount, receipt.currency), _amount(receipt.advance, receipt.currency)


def _messages(look: Look) -> Iterator[Row]:
    held = look.of(Messages)
    for number, touch in sorted(held.sent.items(), key=lambda pair: (pair[1].at, pair[0])):
        yield number, touch.kind, touch.channel, touch.at, "sent", None
    for number, reason in sorted(held.withheld.items()):
        yield number, None, None, None, "withheld", reason


def _complaints(look: Look) -> Iterator[Row]:
    for number, found in look.of(Complaints).complaints.items():
        state = "open" if found.closed_at is None else "closed"
        yield number, state, found.category, found.product, found.received_at


def _requests(look: Look) -> Iterator[Row]:
    for number, found in look.of(ServiceRequests).requests.items():
        yield number, found.state, found.chain, ", ".join(found.steps) or None, found.requested_at


def _promises(look: Look) -> Iterator[Row]:
    for number, found in look.of(Promises).promises.items():
        yield number, found.state, found.due


def _documents(look: Look) -> Iterator[Row]:
    held = look.of(Papers)
    for document, first, last in held.catalogue():
        paper = held.papers[document]
        state = "destroyed" if paper.destroyed else "lent" if held.holder(document) else "in_file"
        yield document, paper.document_type, state, paper.formed_on, f"{first}–{last}"


def _grades(look: Look) -> Iterator[Row]:
    held, today, rules = look.of(Importance), look.at.date(), look.rules(ImportanceRules)
    level = held.level(today, rules)
    counting = classes_in_force(held.classes.values(), today)
    if IMPORTANCE not in counting:
        giving = [r for r in counting.values() if rules.level(r.scheme, r.grade) == level]
        why = ", ".join(f"{r.scheme} {r.grade}" for r in giving)
        yield IMPORTANCE, str(level), "computed", _code(why or "no_class"), None, None, None
    for key, row in sorted(held.classes.items()):
        if row.in_force(today):
            yield (
                row.scheme,
                row.grade,
                row.how,
                _why(held, key, row),
                row.since,
                row.until,
                row.approver or None,
            )


def _why(held: Importance, key: tuple[str, str, str], row: ClassRow) -> Any:
    """Return what a class rests on: the figures of a grading, the words of whoever set it, or who stated it."""
    if row.how == OVERRIDDEN:
        return _text(held.reasons.get(key))
    if row.how == GRADED:
        return _code(", ".join(f"{name} {value}" for name, value in held.figures.get(key, ())) or None)
    return Code(f"plugin {row.source}") if row.source else None


_SINCE = _column("since", "Since", "起始", "instant")
_NUMBER = _column("number", "No.", "编号")
_STATE = _column("state", "State", "状态", "code")
_AMOUNT = _column("amount", "Amount", "金额")

OVERVIEWS = (
    Overview(
        "core.view_file",
        Label("Customer file", "客户档案"),
        (customer_file, lifecycle, trust, sections),
        (_column("field", "Field", "项目", "code"), _column("value", "Value", "内容"), _SINCE),
        _file,
    ),
    Overview(
        "core.view_contacts",
        Label("Contact points", "联系方式"),
        (contacts,),
        (
            _column("number", "No.", "序号", "integer"),
            _column("type", "Type", "类型", "code"),
            _column("value", "Value", "内容"),
            _column("use", "Use", "用途", "code"),
            _SINCE,
        ),
        _contacts,
    ),
    Overview(
        "core.view_people",
        Label("People", "相关人员"),
        (contact_persons, belonging),
        (
            _column("person", "Person", "人员"),
            _column("name", "Name", "姓名"),
            _column("post", "Post", "职位"),
            _column("role", "Role", "角色", "code"),
            _column("key_person", "Key person", "关键人物", "code"),
            _SINCE,
        ),
        _people,
    ),
    Overview(
        "core.view_owner",
        Label("Ownership", "客户归属"),
        (maintainers, oversight),
        (
            _column("role", "Duty", "职责", "code"),
            _column("person", "Person", "人员"),
            _column("basis", "Basis", "依据", "code"),
            _SINCE,
        ),
        _owner,
    ),
    Overview(
        "core.view_leads",
        Label("Open leads", "在途线索"),
        (leads,),
        (
            _NUMBER,
            _STATE,
            _column("urgency", "Urgency", "紧迫度", "code"),
            _column("assignee", "Assignee", "负责人"),
            _SINCE,
        ),
        _leads,
    ),
    Overview(
        "core.view_opportunities",
        Label("Open opportunities", "在途商机"),
        (opportunities,),
        (
            _NUMBER,
            _column("stage", "Stage", "阶段", "code"),
            _AMOUNT,
            _column("assignee", "Assignee", "负责人"),
            _column("expected_on", "Expected on", "预计成交日", "date"),
        ),
        _opportunities,
    ),
    Overview(
        "core.view_contracts",
        Label("Contracts", "合同"),
        (contracts,),
        (
            _NUMBER,
            _STATE,
            _AMOUNT,
            _column("starts_on", "From", "起", "date"),
            _column("ends_on", "Until", "止", "date"),
        ),
        _contracts,
    ),
    Overview(
        "core.view_orders",
        Label("Orders", "订单"),
        (orders,),
        (
            _NUMBER,
            _STATE,
            _AMOUNT,
            _column("delivered", "Delivered", "已交付"),
            _column("causes", "Held for", "扣留原因", "code"),
        ),
        _orders,
    ),
    Overview(
        "core.view_receivables",
        Label("Receivables", "应收账款"),
        (receivables,),
        (
            _NUMBER,
            _column("open", "Open", "未收"),
            _column("due_on", "Due on", "到期日", "date"),
            _column("overdue_days", "Days overdue", "逾期天数", "integer"),
            _column("age", "Age", "账龄", "code"),
            _column("collector", "Collector", "清欠责任人"),
        ),
        _receivables,
    ),
    Overview(
        "core.view_payments",
        Label("Payments", "回款"),
        (receivables,),
        (_NUMBER, _AMOUNT, _column("advance", "Advance", "预收")),
        _payments,
    ),
    Overview(
        "core.view_messages",
        Label("Messages", "消息"),
        (messages,),
        (
            _NUMBER,
            _column("kind", "Kind", "类别", "code"),
            _column("channel", "Channel", "渠道", "code"),
            _column("sent_at", "Sent", "发送时间", "instant"),
            _STATE,
            _column("withheld_for", "Withheld for", "暂缓原因", "code"),
        ),
        _messages,
    ),
    Overview(
        "core.view_complaints",
        Label("Complaints", "投诉"),
        (complaints,),
        (
            _NUMBER,
            _STATE,
            _column("category", "Category", "类别", "code"),
            _column("product", "Product", "产品"),
            _SINCE,
        ),
        _complaints,
    ),
    Overview(
        "core.view_service",
        Label("Service requests", "服务请求"),
        (service_requests,),
        (
            _NUMBER,
            _STATE,
            _column("class", "Class", "类别", "code"),
            _column("steps", "Steps", "步骤", "code"),
            _SINCE,
        ),
        _requests,
    ),
    Overview(
        "core.view_promises",
        Label("Promises", "承诺"),
        (promises,),
        (_NUMBER, _STATE, _column("due", "Due", "到期日", "date")),
        _promises,
    ),
    Overview(
        "core.view_documents",
        Label("Documents", "档案文件"),
        (papers,),
        (
            _NUMBER,
            _column("type", "Type", "类型", "code"),
            _STATE,
            _column("formed_on", "Formed on", "形成日期", "date"),
            _column("pages", "Pages", "页码"),
        ),
        _documents,
    ),
    Overview(
        "core.view_grades",
        Label("Grades", "分级"),
        (importance,),
        (
            _column("scheme", "Scheme", "口径", "code"),
            _column("grade", "Grade", "等级", "code"),
            _column("how", "How", "方式", "code"),
            _column("reason", "Reason", "理由"),
            _column("since", "Since", "起始", "date"),
            _column("until", "Until", "止", "date"),
            _column("approver", "Approved by", "批准人"),
        ),
        _grades,
    ),
)

LABELS = {
    "core.view_file.person": Label("natural person", "自然人"),
    "core.view_file.trust": Label("trust", "信任阶段"),
    "birth_date": Label("birth date", "出生日期"),
    "founding_day": Label("founding day", "成立日"),
    "wedding_day": Label("wedding day", "结婚纪念日"),
    "memorial_day": Label("memorial day", "纪念日"),
    "work_unit": Label("work unit", "工作单位"),
    "industry": Label("industry", "行业"),
    "employees": Label("employees", "员工人数"),
    "core.view_contacts.office": Label("office", "办公"),
    "core.view_contacts.home": Label("home", "住宅"),
    "core.view_people.yes": Label("yes", "是"),
    "core.view_people.no": Label("no", "否"),
    "core.view_owner.overseer": Label("overseer", "领导维护责任人"),
    "core.view_owner.assigned": Label("assigned", "指定"),
    "core.view_owner.won": Label("won opportunity", "赢单"),
    "core.view_owner.route": Label("routing table", "分派表"),
    "core.view_owner.merge": Label("merge with", "合并"),
    "core.view_contracts.to_come": Label("to come", "未生效"),
    "core.view_orders.cancelled": Label("cancelled", "已取消"),
    "core.view_promises.open": Label("to be kept", "待履行"),
    "core.view_promises.kept": Label("kept", "已履行"),
    "core.view_promises.released": Label("released", "已免除"),
    "core.view_documents.in_file": Label("in file", "在库"),
    "core.view_documents.lent": Label("lent", "已借出"),
    "core.view_grades.computed": Label("computed", "计算得出"),
    "core.view_grades.stated": Label("stated", "登记"),
    "core.view_grades.contribution": Label("contribution", "贡献"),
    "core.view_grades.no_class": Label("no class", "无分类"),
    "new_year": Label("New Year", "元旦"),
    "spring_festival": Label("Spring Festival", "春节"),
    "qingming": Label("Qingming Festival", "清明节"),
    "labour": Label("Labour Day", "劳动节"),
    "dragon_boat": Label("Dragon Boat Festival", "端午节"),
    "mid_autumn": Label("Mid-Autumn Festival", "中秋节"),
    "national": Label("National Day", "国庆节"),
    "core.weekly_message.weekly": Label("week of", "当周"),
    "core.contact_density.contact": Label("last contact", "上次联络"),
    "core.warning_open.relationship": Label("relationship", "关系"),
}
"""What codes are called that stand in a whole view and among its due items, and nowhere else."""
