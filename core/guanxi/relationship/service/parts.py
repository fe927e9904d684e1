"""What this room hands over to the core."""

from guanxi.kernel.labels import Label
from guanxi.kernel.plugins import Parts
from guanxi.relationship.service.cadences import CADENCES
from guanxi.relationship.service.commands import COMMANDS
from guanxi.relationship.service.complaints import complaints
from guanxi.relationship.service.events import EVENTS
from guanxi.relationship.service.feedback import feedback
from guanxi.relationship.service.labels import LABELS
from guanxi.relationship.service.needs import needs
from guanxi.relationship.service.promises import promises
from guanxi.relationship.service.read_models.complaints import (
    compensations,
    complaint_phases,
    complaint_rows,
    feedback_rows,
)
from guanxi.relationship.service.read_models.customers import service_classes, service_customers
from guanxi.relationship.service.read_models.friction import friction_rows
from guanxi.relationship.service.read_models.requests import (
    need_rows,
    request_rows,
    step_rows,
    trial_rows,
)
from guanxi.relationship.service.read_models.satisfaction import (
    answer_rows,
    promise_rows,
    survey_rows,
    visit_attempts,
    visit_rows,
)
from guanxi.relationship.service.reports.contacts import REPORTS as CONTACT_REPORTS
from guanxi.relationship.service.reports.friction import REPORTS as FRICTION_REPORTS
from guanxi.relationship.service.reports.handling import REPORTS as HANDLING_REPORTS
from guanxi.relationship.service.reports.promises import REPORTS as PROMISE_REPORTS
from guanxi.relationship.service.reports.requests import REPORTS as REQUEST_REPORTS
from guanxi.relationship.service.reports.satisfaction import REPORTS as SATISFACTION_REPORTS
from guanxi.relationship.service.return_visits import return_visits
from guanxi.relationship.service.rules import RULE_SETS
from guanxi.relationship.service.runs import RUNS
from guanxi.relationship.service.service_requests import service_requests
from guanxi.relationship.service.surveys import surveys
from guanxi.relationship.service.trials import trials
from guanxi.relationship.version import VERSION

parts = Parts(
    name="core",
    version=VERSION,
    title=Label("Service", "客户服务"),
    events=EVENTS,
    commands=COMMANDS,
    facets=(
        complaints,
        feedback,
        service_requests,
        surveys,
        return_visits,
        promises,
        needs,
        trials,
    ),
    rule_sets=RULE_SETS,
    read_models=(
        complaint_rows,
        complaint_phases,
        compensations,
        feedback_rows,
        need_rows,
        request_rows,
        step_rows,
        trial_rows,
        survey_rows,
        answer_rows,
        visit_rows,
        visit_attempts,
        promise_rows,
        service_customers,
        service_classes,
        friction_rows,
    ),
    reports=(
        *CONTACT_REPORTS,
        *FRICTION_REPORTS,
        *HANDLING_REPORTS,
        *SATISFACTION_REPORTS,
        *PROMISE_REPORTS,
        *REQUEST_REPORTS,
    ),
    runs=RUNS,
    cadences=CADENCES,
    labels=LABELS,
)
