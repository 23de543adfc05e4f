"""tui-router: the OpenRouter client for the terminal.

Nothing is imported here, so that ``tui-router --version`` and the first paint cost nothing.
"""

__version__ = "1.0.0"
