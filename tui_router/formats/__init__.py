"""Exporters and importers of conversations: Markdown, JSON and HTML, and the exports of other programs.

Everything here is pure: functions take and return text or values and never open files. ``registry`` lists the formats.
"""
