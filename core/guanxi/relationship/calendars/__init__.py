"""Calendars: holidays and make-up workdays as published rules, and the terms reckoned on them."""

from guanxi.relationship.calendars.rules import FESTIVALS, CalendarRules, Term
from guanxi.relationship.calendars.years import Year

__all__ = ["FESTIVALS", "CalendarRules", "Term", "Year"]
