"""Screens: they arrange widgets and run turns. Logic that needs no screen belongs to a service."""
