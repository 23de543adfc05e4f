"""Persistence: settings, keys, conversations, caches and the log.

The only package that uses SQLite, TOML and the folders of the platform. It knows neither the UI nor the network.
Failed writes raise ``AppError``; reads return what is readable, with ``Problem`` values for the rest.
"""
