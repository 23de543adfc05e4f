"""The terminal user interface; the only package that imports Textual.

Owners call methods on widgets, and widgets post messages to their owners; widgets know neither the app nor the
services. Events of worker threads reach the screen through ``relay``. Commands are functions in ``commands``.
"""
