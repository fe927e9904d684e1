"""Forms of the host: definitions in versions, submissions under the definition they began with, and their flow (CORE-84)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

import attrs

from guanxi.kernel.errors import Conflict, Incomplete, Invalid, NotPermitted, RuleNotMet, Unknown
from guanxi.kernel.facets import Facet, Now
from guanxi.kernel.families import RETENTION_FAMILIES
from guanxi.kernel.labels import Label
from guanxi.kernel.ledger import Ledger
from guanxi.kernel.messages import Act, Fact
from guanxi.kernel.privacy import Erased
from guanxi.kernel.telling import Outcome
from guanxi.relationship.together.commands import (
    DefineForm,
    FormDefinition,
    SubmitForm,
    TakeFormStep,
    WithdrawForm,
)
from guanxi.relationship.together.events import (
    FlowStep,
    FormClosed,
    FormDefined,
    FormField,
    FormStepTaken,
    FormSubmitted,
)
from guanxi.relationship.together.flows import missing, waiting_step

FORM = "form"
_PREFIX = "form/"
_ANSWERS = {
    "sign": ("signed", "returned", "refused"),
    "co_sign": ("signed", "returned", "refused"),
    "circulate": ("read",),
    "approve": ("approved", "returned", "refused"),
    "archive": ("archived",),
}


def form_stream(form: str) -> str:
    """Return the stream on which a form is defined."""
    return _PREFIX + form


# Definitions


@attrs.define
class FormVersions:
    """The versions of one form."""

    versions: dict[int, FormDefined] = attrs.field(factory=dict)

    def definition(self, version: int | None = None) -> FormDefinition | None:
        """Return a version, the latest if none is named."""
        found = self.versions.get(version or max(self.versions, default=0))
        return (
            None
            if found is None
            else FormDefinition(found.form, found.version, found.title, found.fields, found.flow)
        )


form_versions = Facet(
    "core.form_versions", FormVersions, subject=FORM, title=Label("Form definitions", "表单定义")
)


@form_versions.evolve
def _defined(s: FormVersions, e: FormDefined) -> None:
    s.versions[e.version] = e


@form_versions.decide
def _define(s: FormVersions, c: DefineForm, now: Now) -> Iterator[Act]:
    for one in c.fields:
        if one.family and one.family not in RETENTION_FAMILIES:
            raise Unknown(
                "unknown_code",
                f"{one.family!r} is no retention family",
                zh=f"{one.family!r} 不是保管类别",
                rule="CORE-84",
                accepts=", ".join(RETENTION_FAMILIES),
            )
    for step in c.flow:
        if not step.people and step.kind != "archive":
            raise Incomplete(
                "named_person_missing",
                f"nobody is named to {step.kind} at {step.name}",
                zh=f"步骤 {step.name} 未指定人员",
                rule="CORE-84",
                accepts="persons for each step",
            )
    yield FormDefined(
        form=now.subject.removeprefix(_PREFIX),
        version=max(s.versions, default=0) + 1,
        title=c.title,
        fields=c.fields,
        flow=c.flow,
    )


# Submissions


@attrs.define
class Submission:
    """One form handed in, as it stands."""

    form: str
    form_version: int
    initiator: str
    flow: tuple[FlowStep, ...]
    readers: dict[str, tuple[str, ...]]
    revision: int = 1
    revisions: list[dict[str, Any]] = attrs.field(factory=list)
    taken: dict[str, dict[str, str]] = attrs.field(factory=dict)
    returned: bool = False
    end: str | None = None

    @property
    def values(self) -> dict[str, Any]:
        """The values of the present revision."""
        return self.revisions[-1] if self.revisions else {}

    def shown_to(self, reader: str) -> dict[str, Any]:
        """Return the values that a reader may see; the initiator sees all of them."""
        return {
            name: value
            for name, value in self.values.items()
            if reader == self.initiator or not self.readers.get(name) or reader in self.readers[name]
        }


@attrs.define
class Forms:
    """The forms of one customer, by number."""

    submissions: dict[str, Submission] = attrs.field(factory=dict)


forms = Facet("core.forms", Forms, title=Label("Forms", "表单"))


@forms.evolve
def _submitted(s: Forms, e: FormSubmitted) -> None:
    one = s.submissions.get(e.submission)
    if one is None:
        one = Submission(e.form, e.form_version, e.initiator, e.flow, e.readers)
        s.submissions[e.submission] = one
    values: dict[str, Any] = dict(e.values)
    for family in RETENTION_FAMILIES:
        personal = getattr(e, family, None)
        if isinstance(personal, Erased):
            values[family] = personal
        elif personal:
            values.update(personal)
    one.revision, one.returned, one.taken = e.revision, False, {}
    one.revisions.append(values)


@forms.evolve
def _taken(s: Forms, e: FormStepTaken) -> None:
    one = s.submissions.get(e.submission)
    if one is None or e.revision != one.revision:
        return
    if e.done == "returned":
        one.returned = True
    else:
        one.taken.setdefault(e.step, {})[e.by] = e.done


@forms.evolve
def _ended(s: Forms, e: FormClosed) -> None:
    if e.submission in s.submissions:
        s.submissions[e.submission].end = e.end


@forms.decide
def _submit(s: Forms, c: SubmitForm, now: Now) -> Iterator[Fact]:
    known, definition = s.submissions.get(c.submission), c.definition
    if known is not None and not known.returned:
        raise Conflict(
            "identifier_taken",
            f"submission {c.submission} is on record",
            zh=f"表单 {c.submission} 已提交",
            rule="CORE-84",
            accepts="another number, or the same once it was returned",
        )
    values, personal = _sorted_out(definition.fields, c.values, now)
    yield FormSubmitted(
        submission=c.submission,
        revision=1 if known is None else known.revision + 1,
        form=definition.form,
        form_version=definition.version,
        initiator=now.actor if known is None else known.initiator,
        flow=definition.flow,
        readers={f.name: f.reads for f in definition.fields if f.reads},
        values=values,
        **personal,
    )
    if not definition.flow:
        yield FormClosed(submission=c.submission, end="in_force")


@forms.decide
def _take(s: Forms, c: TakeFormStep, now: Now) -> Iterator[Act]:
    one = _open(s, c.submission)
    step = next((f for f in one.flow if f.name == c.step), None)
    if step is None or c.done not in _ANSWERS[step.kind]:
        raise Unknown(
            "unknown_code",
            f"{c.submission} has no step {c.step} that can be {c.done}",
            zh=f"{c.submission} 没有可作 {c.done} 的步骤 {c.step}",
            rule="CORE-84",
            accepts=", ".join(f"{f.name}: {'/'.join(_ANSWERS[f.kind])}" for f in one.flow),
        )
    if one.returned:
        raise RuleNotMet(
            "step_missing",
            f"{c.submission} was returned and not handed in again",
            zh=f"{c.submission} 已退回，尚未重新提交",
            rule="CORE-84",
            accepts="the next version of it",
        )
    _in_its_turn(one, step)
    _by_the_right_person(one, step, now.actor)
    if c.done in ("returned", "refused") and not c.because.strip():
        raise Incomplete(
            "reason_missing",
            f"what is {c.done} needs a reason",
            zh="退回或拒绝须说明原因",
            rule="CORE-84",
            accepts="because=...",
        )
    yield FormStepTaken(
        submission=c.submission,
        revision=one.revision,
        step=c.step,
        done=c.done,
        by=now.actor,
        reason=c.because or None,
    )
    if c.done == "refused":
        yield FormClosed(submission=c.submission, end="refused", reason=c.because)
    elif c.done not in ("returned", "read"):
        after = {**one.taken, step.name: {**one.taken.get(step.name, {}), now.actor: c.done}}
        if waiting_step(one.flow, after) is None:
            yield FormClosed(
                submission=c.submission, end="archived" if one.flow[-1].kind == "archive" else "in_force"
            )


@forms.decide
def _withdraw(s: Forms, c: WithdrawForm, now: Now) -> Iterator[Act]:
    one = _open(s, c.submission)
    if now.actor != one.initiator:
        raise NotPermitted(
            "not_authorised",
            f"{c.submission} is {one.initiator}'s to withdraw",
            zh=f"{c.submission} 只能由 {one.initiator} 撤回",
            rule="CORE-84",
            accepts="its initiator",
        )
    yield FormClosed(submission=c.submission, end="withdrawn", reason=c.because or None)


def submit_form(
    ledger: Ledger, account: str, form: str, submission: str, values: Mapping[str, Any], **envelope: Any
) -> Outcome:
    """Hand in a form under the definition in force, or under its own when it was returned (CORE-84).

    Args:
        ledger: where the customer's file is.
        account: the customer.
        form: the form's name.
        submission: its number.
        values: by field.
        **envelope: actor and the rest, as for ``Ledger.execute``.

    Raises:
        Unknown: ``unknown_code`` for a form that is not defined.
        Invalid: ``unknown_field``, ``inexact_amount``, ``invalid_date`` for values that do not fit.
        Incomplete: ``field_missing`` for a required field.
    """
    known: Forms = ledger.history(account).state(Forms)
    before = known.submissions.get(submission)
    stream = form_stream(form)
    versions = (
        FormVersions() if not ledger.store.heads([stream]) else ledger.history(stream).state(FormVersions)
    )
    definition = versions.definition(None if before is None else before.form_version)
    if definition is None:
        raise Unknown(
            "unknown_code",
            f"there is no form {form}",
            zh=f"没有表单 {form}",
            rule="CORE-84",
            accepts="a form that is defined",
        )
    return ledger.execute(
        account, SubmitForm(submission=submission, definition=definition, values=dict(values)), **envelope
    )


def _open(s: Forms, submission: str) -> Submission:
    one = s.submissions.get(submission)
    if one is None:
        raise Unknown(
            "unknown_code",
            f"there is no submission {submission}",
            zh=f"没有表单 {submission}",
            rule="CORE-84",
            accepts=", ".join(sorted(s.submissions)) or "none was handed in",
        )
    if one.end is not None:
        raise RuleNotMet(
            "stage_closed",
            f"{submission} is {one.end}",
            zh=f"{submission} 的流转已结束（{one.end}）",
            rule="CORE-84",
            accepts="a form under way",
        )
    return one


def _in_its_turn(one: Submission, step: FlowStep) -> None:
    for earlier in one.flow[: one.flow.index(step)]:
        if earlier.kind != "circulate" and (left := missing(earlier, one.taken)):
            raise RuleNotMet(
                "step_missing",
                f"{earlier.kind.replace('_', '-')}: {', '.join(filter(None, left))} has not taken {earlier.name}",
                zh=f"步骤 {earlier.name} 尚缺：{'、'.join(filter(None, left))}",
                rule="CORE-84",
                accepts="the steps in their order",
            )


def _by_the_right_person(one: Submission, step: FlowStep, actor: str) -> None:
    if step.kind == "approve" and actor == one.initiator:
        raise NotPermitted(
            "approver_conflict",
            "nobody approves what he asked for",
            zh="发起人不得审批自己的表单",
            rule="CORE-84",
            accepts="another approver",
        )
    if step.people and actor not in step.people:
        raise NotPermitted(
            "not_authorised",
            f"{step.name} is for {', '.join(step.people)}",
            zh=f"步骤 {step.name} 由 {'、'.join(step.people)} 办理",
            rule="CORE-84",
            accepts=", ".join(step.people),
        )
    if actor in one.taken.get(step.name, {}):
        raise Conflict(
            "identifier_taken",
            f"{actor} has taken {step.name} already",
            zh=f"{actor} 已办理步骤 {step.name}",
            rule="CORE-84",
            accepts="once",
        )


def _sorted_out(
    fields: Sequence[FormField], values: Mapping[str, Any], now: Now
) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """Return the values that are not personal, and those that are by their families."""
    known = {f.name: f for f in fields}
    if extra := sorted(set(values) - set(known)):
        raise Invalid(
            "unknown_field",
            f"the form has no field {', '.join(extra)}",
            zh=f"表单没有字段 {'、'.join(extra)}",
            rule="CORE-84",
            accepts=", ".join(known),
        )
    plain: dict[str, Any] = {}
    personal: dict[str, dict[str, Any]] = {}
    for one in fields:
        value = values.get(one.name)
        if value is None:
            if one.required:
                raise Incomplete(
                    "field_missing",
                    f"{one.name} is required",
                    zh=f"字段 {one.name} 必填",
                    rule="CORE-84",
                    accepts=f"a value for {one.name}",
                )
            continue
        if one.fills and now.actor not in one.fills:
            raise NotPermitted(
                "not_authorised",
                f"{one.name} is filled in by {', '.join(one.fills)}",
                zh=f"字段 {one.name} 由 {'、'.join(one.fills)} 填写",
                rule="CORE-84",
                accepts=", ".join(one.fills),
            )
        target = personal.setdefault(one.family, {}) if one.family else plain
        target[one.name] = _read(one, value)
    return plain, personal


def _read(one: FormField, value: Any) -> Any:
    try:
        match one.type:
            case "integer" if isinstance(value, int) and not isinstance(value, bool):
                return value
            case "decimal" if isinstance(value, float):
                raise Invalid(
                    "inexact_amount",
                    f"{one.name} is a binary float",
                    zh=f"字段 {one.name} 是二进制浮点数",
                    rule="CORE-84",
                    accepts='exact decimals, such as "12.5"',
                )
            case "decimal" if isinstance(value, int | str | Decimal) and not isinstance(value, bool):
                return str(Decimal(str(value)))
            case "date":
                return (value if isinstance(value, date) else date.fromisoformat(str(value))).isoformat()
            case "choice" if value in one.choices:
                return value
            case "yes_no" if isinstance(value, bool):
                return value
            case "text" if isinstance(value, str):
                return value
    except (ValueError, TypeError, InvalidOperation):
        pass
    code = (
        "invalid_date" if one.type == "date" else "unknown_code" if one.type == "choice" else "out_of_scale"
    )
    raise Invalid(
        code,
        f"{one.name} cannot be {value!r}",
        zh=f"字段 {one.name} 不能为 {value!r}",
        rule="CORE-84",
        accepts=", ".join(one.choices) or one.type,
    )
