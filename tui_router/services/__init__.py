"""Application logic without a user interface, shared by the app and the shell commands.

Threads are allowed here; Textual is not. A service takes its dependencies through its constructor.
``startup`` builds what the first frame needs, ``core_builder`` the rest, and ``core`` connects it.
"""
