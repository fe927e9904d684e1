"""What falls due in stores: best employee, VIP review, measures, evaluation of campaigns, follow-up of card rules, service check."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from guanxi import Asked, Cadence, DueItem, Label, Reader, add_months, midnight, midnight_after
from guanxi.relationship.campaigns.events import CampaignEvaluated
from guanxi.relationship.campaigns.read_models import campaign_rows, evaluations
from guanxi.relationship.care.events import GatheringHeld
from guanxi.relationship.governance.events import RuleSetReviewed
from guanxi.relationship.governance.house import HOUSE
from guanxi_retail.store.campaigns import campaign_plans, ended_on
from guanxi_retail.store.events import BestEmployeeChosen, MeasureReported, ServiceStandardChecked
from guanxi_retail.store.followed import follow_up_rows, published_versions, rule_versions
from guanxi_retail.store.outlet import fortnight_of
from guanxi_retail.store.read_models import (
    OutletRow,
    best_employees,
    checks,
    measures,
    outlets,
    standards,
    vip_reviews,
)
from guanxi_retail.store.reviews import first_day, next_quarter, quarter_of
from guanxi_retail.store.rules import (
    CardFollowUpRules,
    ServiceStandardRules,
    StoreCampaignRules,
    StoreRules,
)
from guanxi_retail.store.streams import store_stream

_DAY, _WEEK = timedelta(days=1), timedelta(days=7)


def _stores(reader: Reader) -> Iterator[tuple[str, OutletRow, date]]:
    for stream, row in reader.rows(outlets):
        if row.opened_on is not None:
            yield stream, row, row.opened_on


def _best(reader: Reader, asked: Asked) -> Iterator[tuple[str, DueItem]]:
    chosen = {(stream, row.fortnight): row.at for stream, row in reader.rows(best_employees)}
    zone = asked.as_of.tzinfo
    for stream, _, opened_on in _stores(reader):
        first = fortnight_of(opened_on, asked.rules(StoreRules))
        while (begins := midnight(max(first, opened_on), zone)) <= asked.as_of:
            rules = asked.rules_at(StoreRules, begins)
            following = first + rules.best_employee_weeks * _WEEK
            yield (
                stream,
                DueItem(
                    key=first.isoformat(),
                    since=begins,
                    until=midnight(following, zone),
                    done_at=chosen.get((stream, first)),
                ),
            )
            first = following


best_employee = Cadence(
    "retail.best_employee",
    Label("Choice of the best employee", "评选最佳员工"),
    "RET-35",
    (outlets, best_employees),
    _best,
    (BestEmployeeChosen.stored_name,),
)


def _reviews(reader: Reader, asked: Asked) -> Iterator[tuple[str, DueItem]]:
    held: dict[tuple[str, str], list[datetime]] = {}
    for _, row in reader.rows(vip_reviews):
        if row.at is not None and row.measures:
            held.setdefault((store_stream(row.outlet), row.quarter), []).append(row.at)
    zone = asked.as_of.tzinfo
    for stream, _, opened_on in _stores(reader):
        quarter = quarter_of(opened_on)
        while (begins := midnight(max(first_day(quarter), opened_on), zone)) <= asked.as_of:
            following = next_quarter(quarter)
            yield (
                stream,
                DueItem(
                    key=quarter,
                    since=begins,
                    until=midnight(first_day(following), zone),
                    done_at=min(held.get((stream, quarter), ()), default=None),
                    about=quarter,
                ),
            )
            quarter = following


vip_review_due = Cadence(
    "retail.vip_review",
    Label("Quarterly VIP review", "季度VIP研讨会"),
    "RET-37",
    (outlets, vip_reviews),
    _reviews,
    (GatheringHeld.stored_name,),
)


def _measures(reader: Reader, asked: Asked) -> Iterator[tuple[str, DueItem]]:
    zone = asked.as_of.tzinfo
    for stream, row in reader.rows(measures):
        if row.agreed_on is None:
            continue
        reported_by = next_quarter(next_quarter(row.quarter))
        yield (
            stream,
            DueItem(
                key=row.measure,
                since=midnight(row.agreed_on, zone),
                until=midnight(first_day(reported_by), zone),
                done_at=row.reported_at,
                person=row.person,
                about=row.text,
            ),
        )


review_measures = Cadence(
    "retail.review_measure",
    Label("Measure of a VIP review", "VIP研讨会措施"),
    "RET-37",
    (measures,),
    _measures,
    (MeasureReported.stored_name,),
)


def _evaluations(reader: Reader, asked: Asked) -> Iterator[tuple[str, DueItem]]:
    zone = asked.as_of.tzinfo
    filed: dict[str, list[datetime]] = {}
    for stream, version in reader.rows(evaluations):
        if version.at is not None:
            filed.setdefault(stream, []).append(version.at)
    ended = dict(reader.rows(campaign_rows))
    for stream, plan in reader.rows(campaign_plans):
        day = ended_on(plan, ended.get(stream), asked)
        if day is None:
            continue
        since = midnight_after(day, zone)
        days = asked.rules_at(StoreCampaignRules, since).evaluation_days
        closed = ended[stream].ended_at if stream in ended else None
        begins = since if closed is None else min(since, asked.local(closed))
        yield (
            stream,
            DueItem(
                key="evaluation",
                since=begins,
                until=midnight_after(day + days * _DAY, zone),
                done_at=min((at for at in filed.get(stream, ()) if at >= begins), default=None),
                about=plan.title,
            ),
        )


campaign_evaluation = Cadence(
    "retail.campaign_evaluation",
    Label("Evaluation of a store campaign", "门店活动评价"),
    "RET-38",
    (campaign_plans, campaign_rows, evaluations),
    _evaluations,
    (CampaignEvaluated.stored_name,),
)


def _follow_ups(reader: Reader, asked: Asked) -> Iterator[tuple[str, DueItem]]:
    done = {(row.rule_set, row.version): row.at for _, row in reader.rows(follow_up_rows)}
    for version in published_versions(reader, asked):
        last = version.after[1]
        if (since := midnight_after(last, asked.as_of.tzinfo)) > asked.as_of:
            continue
        months = asked.rules_at(CardFollowUpRules, since).due_months
        yield (
            HOUSE,
            DueItem(
                key=f"{version.rule_set}/{version.version}",
                since=midnight(version.after[0], asked.as_of.tzinfo),
                until=midnight_after(add_months(last, months), asked.as_of.tzinfo),
                done_at=done.get((version.rule_set, version.version)),
                about=version.rule_set,
            ),
        )


card_follow_up = Cadence(
    "retail.card_follow_up",
    Label("Follow-up of new card rules", "新会员卡制度跟踪"),
    "RET-55",
    (follow_up_rows, rule_versions),
    _follow_ups,
    (RuleSetReviewed.stored_name,),
)


def _checks(reader: Reader, asked: Asked) -> Iterator[tuple[str, DueItem]]:
    zone = asked.as_of.tzinfo
    made: dict[str, list[datetime]] = {}
    for stream, check in reader.rows(checks):
        if check.at is not None:
            made.setdefault(stream, []).append(check.at)
    begun: dict[str, date] = {}
    for stream, row in reader.rows(standards):
        if row.effective_on is not None:
            begun[stream] = min(begun.get(stream, row.effective_on), row.effective_on)
    for stream, effective_on in sorted(begun.items()):
        first = effective_on.replace(day=1)
        while (begins := midnight(max(first, effective_on), zone)) <= asked.as_of:
            following = add_months(first, asked.rules_at(ServiceStandardRules, begins).check_months)
            until = midnight(following, zone)
            yield (
                stream,
                DueItem(
                    key=f"{first:%Y-%m}",
                    since=begins,
                    until=until,
                    done_at=min((at for at in made.get(stream, ()) if begins <= at < until), default=None),
                    ends=until,
                ),
            )
            first = following


service_check = Cadence(
    "retail.service_check",
    Label("Check of the service standard", "服务规范检查"),
    "RET-56",
    (standards, checks),
    _checks,
    (ServiceStandardChecked.stored_name,),
)

CADENCES = (
    best_employee,
    vip_review_due,
    review_measures,
    campaign_evaluation,
    card_follow_up,
    service_check,
)
