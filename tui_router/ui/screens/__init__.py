"""Screens arrange widgets and own turns. No logic that could live in a service belongs here."""
