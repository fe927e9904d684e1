"""The streams of this room: one for each account of staff, one for each post, one for what each account looked at on a day."""

from __future__ import annotations

from datetime import date

STAFF, POST, LOG = "staff", "post", "access"
"""Kinds of subject."""


def staff_stream(user: str) -> str:
    """Return the id of the stream of somebody's account: who he is, what he holds, what he asked for."""
    return f"{STAFF}-{user}"


def post_stream(post: str) -> str:
    """Return the id of a post's stream."""
    return f"{POST}-{post}"


def log_stream(user: str, at: date) -> str:
    """Return the id of the stream of what somebody looked at on a day, and of what he was refused.

    One a day, so that who looks into many files waits for none of the earlier ones.
    """
    return f"{LOG}-{user}/{at:%Y-%m-%d}"


def logged_of(stream: str) -> str:
    """Return whose a stream of things looked at is."""
    return stream.removeprefix(f"{LOG}-").rpartition("/")[0]


def user_of(stream: str) -> str:
    """Return whose account a stream of staff is."""
    return stream.removeprefix(f"{STAFF}-")
