"""Retention families: personal fields of one are kept and erased together (CORE-96)."""

from __future__ import annotations

from guanxi.kernel.labels import Label

RETENTION_FAMILIES = {
    "identity": Label("identity", "身份"),
    "contact": Label("contact", "联系"),
    "preference": Label("preference and care", "偏好关怀"),
    "marketing": Label("marketing", "营销"),
    "dealings": Label("dealings", "交易"),
    "service": Label("service", "服务投诉"),
    "credit": Label("credit", "信用"),
    "document": Label("document", "档案"),
    "access": Label("access and staff", "查阅、员工"),
}
"""The families of the core; a plugin may add its own."""
