"""Formats times relative to now (``5m``, ``3d``, ``4 Mar``) and the headings that lists are grouped by."""

from __future__ import annotations

from datetime import datetime

_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400


def ago(moment: datetime, now: datetime) -> str:
    """Return how long ago a moment was, in at most eight characters; one in the future is ``now``."""
    seconds = (now - moment).total_seconds()
    if seconds < _MINUTE:
        return "now"
    if seconds < _HOUR:
        return f"{int(seconds // _MINUTE)}m"
    if seconds < _DAY:
        return f"{int(seconds // _HOUR)}h"
    if seconds < 7 * _DAY:
        return f"{int(seconds // _DAY)}d"
    day, today = moment.astimezone(), now.astimezone()
    return f"{day.day} {day:%b}" if day.year == today.year else f"{day:%b %Y}"


def day_group(moment: datetime, now: datetime) -> str:
    """Return the group heading for a time, e.g. ``Yesterday`` or ``Last 7 days``."""
    day, today = moment.astimezone().date(), now.astimezone().date()
    days = (today - day).days
    if days <= 0:
        return "Today"
    if days == 1:
        return "Yesterday"
    if days < 7:
        return "Last 7 days"
    if days < 30:
        return "Last 30 days"
    return f"{day:%B %Y}" if day.year != today.year else f"{day:%B}"


def full(moment: datetime) -> str:
    """Format a time in the local time zone, to the second."""
    return f"{moment.astimezone():%Y-%m-%d %H:%M:%S}"
