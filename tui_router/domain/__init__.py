"""What the words mean: frozen values and pure functions.

Only the standard library may be imported here. Nothing in this room opens a file, a socket or a
thread, reads a clock, or knows what a screen is; every other room is built on it.
"""
