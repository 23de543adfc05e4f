"""How things rest on disk: settings, keys, conversations, caches and the log.

The only room that knows SQLite, TOML and where folders are. Nothing here knows a screen or the network.
Failures leave as ``Trouble`` (nothing was written) or as ``Problem`` values beside what could be read.
"""
