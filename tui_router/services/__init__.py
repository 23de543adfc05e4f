"""What the program does, without a screen: used alike by the app and the shell.

Threads are allowed here; Textual is not. A service takes what it needs through its constructor and
is built in one place, ``wiring``.
"""
