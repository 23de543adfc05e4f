"""The front door: arguments in, text and exit codes out. Opens the screen only when one is asked for."""
