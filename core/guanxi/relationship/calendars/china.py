"""China's rest days and make-up workdays as the State Council's notices set them year by year, and the days of its statutory festivals.

The days of rest and make-up workdays are those of the package ``chinesecalendar`` 1.11 (MIT licence), the festival days come
from the lunar tables of the package ``holidays`` 0.109 (MIT licence): their data, not their code. Both licences stand in
LICENSES.txt beside this file.
"""

from __future__ import annotations

from types import MappingProxyType

YEARS = MappingProxyType(
    {
        "2004": (
            "off 01-01 01-22..01-28 05-01..05-07 10-01..10-07; "
            "work 01-17..01-18 05-08..05-09 10-09..10-10; "
            "festivals new_year 01-01 spring_festival 01-22 qingming 04-04 labour 05-01 dragon_boat 06-22 mid_autumn 09-28 national 10-01"
        ),
        "2005": (
            "off 01-01..01-03 02-09..02-15 05-01..05-07 10-01..10-07; "
            "work 02-05..02-06 04-30 05-08 10-08..10-09; "
            "festivals new_year 01-01 spring_festival 02-09 qingming 04-05 labour 05-01 dragon_boat 06-11 mid_autumn 09-18 national 10-01"
        ),
        "2006": (
            "off 01-01..01-03 01-29..02-04 05-01..05-07 10-01..10-07; "
            "work 01-28 02-05 04-29..04-30 09-30 10-08 12-30..12-31; "
            "festivals new_year 01-01 spring_festival 01-29 qingming 04-05 labour 05-01 dragon_boat 05-31 mid_autumn 10-06 national 10-01"
        ),
        "2007": (
            "off 01-01..01-03 02-18..02-24 05-01..05-07 10-01..10-07 12-30..12-31; "
            "work 02-17 02-25 04-28..04-29 09-29..09-30 12-29; "
            "festivals new_year 01-01 spring_festival 02-18 qingming 04-05 labour 05-01 dragon_boat 06-19 mid_autumn 09-25 national 10-01"
        ),
        "2008": (
            "off 01-01 02-06..02-12 04-04..04-06 05-01..05-03 06-07..06-09 09-13..09-15 09-29..10-05; "
            "work 02-02..02-03 05-04 09-27..09-28; "
            "festivals new_year 01-01 spring_festival 02-07 qingming 04-04 labour 05-01 dragon_boat 06-08 mid_autumn 09-14 national 10-01"
        ),
        "2009": (
            "off 01-01..01-03 01-25..01-31 04-04..04-06 05-01..05-03 05-28..05-30 10-01..10-08; "
            "work 01-04 01-24 02-01 05-31 09-27 10-10; "
            "festivals new_year 01-01 spring_festival 01-26 qingming 04-04 labour 05-01 dragon_boat 05-28 mid_autumn 10-03 national 10-01"
        ),
        "2010": (
            "off 01-01..01-03 02-13..02-19 04-03..04-05 05-01..05-03 06-14..06-16 09-22..09-24 10-01..10-07; "
            "work 02-20..02-21 06-12..06-13 09-19 09-25..09-26 10-09; "
            "festivals new_year 01-01 spring_festival 02-14 qingming 04-05 labour 05-01 dragon_boat 06-16 mid_autumn 09-22 national 10-01"
        ),
        "2011": (
            "off 01-01..01-03 02-02..02-08 04-03..04-05 04-30..05-02 06-04 06-06 09-10..09-12 10-01..10-07; "
            "work 01-30 02-12 04-02 10-08..10-09 12-31; "
            "festivals new_year 01-01 spring_festival 02-03 qingming 04-05 labour 05-01 dragon_boat 06-06 mid_autumn 09-12 national 10-01"
        ),
        "2012": (
            "off 01-01..01-03 01-22..01-28 04-02..04-04 04-29..05-01 06-22 06-24 09-30..10-07; "
            "work 01-21 01-29 03-31..04-01 04-28 09-29; "
            "festivals new_year 01-01 spring_festival 01-23 qingming 04-04 labour 05-01 dragon_boat 06-23 mid_autumn 09-30 national 10-01"
        ),
        "2013": (
            "off 01-01..01-03 02-09..02-15 04-04..04-06 04-29..05-01 06-10..06-12 09-19..09-21 10-01..10-07; "
            "work 01-05..01-06 02-16..02-17 04-07 04-27..04-28 06-08..06-09 09-22 09-29 10-12; "
            "festivals new_year 01-01 spring_festival 02-10 qingming 04-04 labour 05-01 dragon_boat 06-12 mid_autumn 09-19 national 10-01"
        ),
        "2014": (
            "off 01-01 01-31..02-06 04-05..04-07 05-01..05-03 06-02 09-08 10-01..10-07; "
            "work 01-26 02-08 05-04 09-28 10-11; "
            "festivals new_year 01-01 spring_festival 01-31 qingming 04-05 labour 05-01 dragon_boat 06-02 mid_autumn 09-08 national 10-01"
        ),
        "2015": (
            "off 01-01..01-03 02-18..02-24 04-05..04-06 05-01 06-20 06-22 09-03..09-04 09-27 10-01..10-07; "
            "work 01-04 02-15 02-28 09-06 10-10; "
            "festivals new_year 01-01 spring_festival 02-19 qingming 04-05 labour 05-01 dragon_boat 06-20 mid_autumn 09-27 national 10-01"
        ),
        "2016": (
            "off 01-01 02-07..02-13 04-04 05-01..05-02 06-09..06-11 09-15..09-17 10-01..10-07; "
            "work 02-06 02-14 06-12 09-18 10-08..10-09; "
            "festivals new_year 01-01 spring_festival 02-08 qingming 04-04 labour 05-01 dragon_boat 06-09 mid_autumn 09-15 national 10-01"
        ),
        "2017": (
            "off 01-01..01-02 01-27..02-02 04-02..04-04 05-01 05-28..05-30 10-01..10-08; "
            "work 01-22 02-04 04-01 05-27 09-30; "
            "festivals new_year 01-01 spring_festival 01-28 qingming 04-04 labour 05-01 dragon_boat 05-30 mid_autumn 10-04 national 10-01"
        ),
        "2018": (
            "off 01-01 02-15..02-21 04-05..04-07 04-29..05-01 06-18 09-24 10-01..10-07 12-30..12-31; "
            "work 02-11 02-24 04-08 04-28 09-29..09-30 12-29; "
            "festivals new_year 01-01 spring_festival 02-16 qingming 04-05 labour 05-01 dragon_boat 06-18 mid_autumn 09-24 national 10-01"
        ),
        "2019": (
            "off 01-01 02-04..02-10 04-05..04-07 05-01..05-04 06-07..06-09 09-13..09-15 10-01..10-07; "
            "work 02-02..02-03 04-28 05-05 09-29 10-12; "
            "festivals new_year 01-01 spring_festival 02-05 qingming 04-05 labour 05-01 dragon_boat 06-07 mid_autumn 09-13 national 10-01"
        ),
        "2020": (
            "off 01-01 01-24..02-02 04-04..04-06 05-01..05-05 06-25..06-27 10-01..10-08; "
            "work 01-19 04-26 05-09 06-28 09-27 10-10; "
            "festivals new_year 01-01 spring_festival 01-25 qingming 04-04 labour 05-01 dragon_boat 06-25 mid_autumn 10-01 national 10-01"
        ),
        "2021": (
            "off 01-01..01-03 02-11..02-17 04-03..04-05 05-01..05-05 06-12..06-14 09-19..09-21 10-01..10-07; "
            "work 02-07 02-20 04-25 05-08 09-18 09-26 10-09; "
            "festivals new_year 01-01 spring_festival 02-12 qingming 04-04 labour 05-01 dragon_boat 06-14 mid_autumn 09-21 national 10-01"
        ),
        "2022": (
            "off 01-01..01-03 01-31..02-06 04-03..04-05 04-30..05-04 06-03..06-05 09-10..09-12 10-01..10-07 12-31; "
            "work 01-29..01-30 04-02 04-24 05-07 10-08..10-09; "
            "festivals new_year 01-01 spring_festival 02-01 qingming 04-05 labour 05-01 dragon_boat 06-03 mid_autumn 09-10 national 10-01"
        ),
        "2023": (
            "off 01-01..01-02 01-21..01-27 04-05 04-29..05-03 06-22..06-24 09-29..10-06 12-30..12-31; "
            "work 01-28..01-29 04-23 05-06 06-25 10-07..10-08; "
            "festivals new_year 01-01 spring_festival 01-22 qingming 04-05 labour 05-01 dragon_boat 06-22 mid_autumn 09-29 national 10-01"
        ),
        "2024": (
            "off 01-01 02-10..02-17 04-04..04-06 05-01..05-05 06-10 09-15..09-17 10-01..10-07; "
            "work 02-04 02-18 04-07 04-28 05-11 09-14 09-29 10-12; "
            "festivals new_year 01-01 spring_festival 02-10 qingming 04-04 labour 05-01 dragon_boat 06-10 mid_autumn 09-17 national 10-01"
        ),
        "2025": (
            "off 01-01 01-28..02-04 04-04..04-06 05-01..05-05 05-31..06-02 10-01..10-08; "
            "work 01-26 02-08 04-27 09-28 10-11; "
            "festivals new_year 01-01 spring_festival 01-29 qingming 04-04 labour 05-01 dragon_boat 05-31 mid_autumn 10-06 national 10-01"
        ),
        "2026": (
            "off 01-01..01-03 02-15..02-23 04-04..04-06 05-01..05-05 06-19..06-21 09-25..09-27 10-01..10-07; "
            "work 01-04 02-14 02-28 05-09 09-20 10-10; "
            "festivals new_year 01-01 spring_festival 02-17 qingming 04-05 labour 05-01 dragon_boat 06-19 mid_autumn 09-25 national 10-01"
        ),
    }
)
"""By year: days off though no weekend, days worked though one, and the festivals' own days, as ``CalendarRules`` reads them."""
