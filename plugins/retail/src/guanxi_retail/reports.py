"""Reports of retail; unpublished queries, which rank and estimate but decide nothing."""

from __future__ import annotations

from guanxi import Report

REPORTS: tuple[Report, ...] = ()
