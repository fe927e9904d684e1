"""Telephone numbers in one form: E.164, completed with the programme's region (CORE-15)."""

from __future__ import annotations

import phonenumbers

from guanxi.kernel.errors import Invalid

TELEPHONES = ("mobile", "phone", "fax")
"""Types of contact point that are telephone numbers."""


def e164(number: str, region: str) -> str:
    """Return a telephone number in E.164.

    Args:
        number: as it was told.
        region: where a number without a country code is from.

    Raises:
        Invalid: ``invalid_phone`` for what no telephone can have.
    """
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        parsed = None
    if parsed is None or not phonenumbers.is_valid_number(parsed):
        raise Invalid(
            "invalid_phone",
            "that is no telephone number",
            zh="不是有效的电话号码",
            rule="CORE-15",
            accepts=f"a number of {region}, or one with + and its country code",
        )
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
