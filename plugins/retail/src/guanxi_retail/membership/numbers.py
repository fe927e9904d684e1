"""Card numbers: mobile numbers in one form, however they were told (RET-01)."""

from __future__ import annotations

import re

from guanxi import Incomplete, Invalid
from guanxi.relationship.file.rules import TelephoneRules
from guanxi.relationship.file.telephone import e164
from guanxi_retail.membership.rules import EnrolmentRules


def card_number(told: str | None, telephone: TelephoneRules, enrolment: EnrolmentRules) -> str:
    """Return the card number of a mobile number as it was told: E.164 (RET-01).

    Args:
        told: with blanks and dashes, with or without country code; 00 stands for +.
        telephone: which region a number without country code is of.
        enrolment: what mobile numbers look like.

    Raises:
        Incomplete: ``mobile_missing``.
        Invalid: ``invalid_phone``.
    """
    text = re.sub(r"[\s-]", "", told or "")
    if not text:
        raise Incomplete(
            "mobile_missing",
            "the form has no mobile number, which is the card number",
            zh="表单缺少手机号，手机号即卡号",
            rule="RET-01",
            accepts="mobile=",
        )
    if text.startswith("00"):
        text = "+" + text[2:]
    home = telephone.default_region
    codes, patterns = enrolment.country_codes, enrolment.mobile_patterns
    if not text.startswith("+") and home in codes and home in patterns:
        text = codes[home] + text
    for region, pattern in patterns.items():
        code = codes.get(region)
        if code is not None and text.startswith(code):
            if re.fullmatch(pattern, text[len(code) :]) is None:
                raise _invalid(home)
            return text
    try:
        return e164(text, home)
    except Invalid as error:
        raise _invalid(home) from error


def shown(card: str, telephone: TelephoneRules, enrolment: EnrolmentRules) -> str:
    """Return a card number as people read it: nationally where it is of the programme's region (RET-01).

    Args:
        card: in E.164.
        telephone: which region the programme is in.
        enrolment: its country code.
    """
    code = enrolment.country_codes.get(telephone.default_region)
    return card[len(code) :] if code is not None and card.startswith(code) else card


def _invalid(region: str) -> Invalid:
    return Invalid(
        "invalid_phone",
        "that is no mobile number",
        zh="不是有效的手机号",
        rule="RET-01",
        accepts=f"a mobile number of {region}, or one with + and its country code",
    )
