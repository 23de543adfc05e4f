"""The private Textual attributes that the app relies on, gathered here so that an upgrade has one place to check.

``tests/ui/test_textual_private.py`` fails when Textual changes any of them. The private parts of Textual's
terminal input are in ``prompt/terminal_input.py``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from textual.app import App
from textual.binding import Binding, BindingsMap
from textual.content import Content
from textual.theme import Theme
from textual.widget import Widget


def set_bindings(app: App[Any], bindings: Iterable[Binding]) -> None:
    """Replace all bindings of the app. Textual's public API can add a binding at run time but not remove one."""
    app._bindings = BindingsMap(bindings)
    app.refresh_bindings()


def apply_theme(app: App[Any], theme: Theme) -> None:
    """Switch to a theme. Before the app runs, set it without Textual's watchers: they would parse all CSS twice."""
    app.register_theme(theme)
    if app.is_running:
        app.theme = theme.name
        return
    app.set_reactive(App.theme, theme.name)
    app.set_class(theme.dark, "-dark-mode", update=False)
    app.set_class(not theme.dark, "-light-mode", update=False)
    app._refresh_truecolor_filter(app.ansi_theme)
    app.stylesheet.set_variables(app.get_css_variables())


def driver_of(app: App[Any]) -> object:
    """Return the driver, which reads the keyboard and writes to the terminal; ``None`` before the app runs."""
    return app._driver


def write(app: App[Any], sequence: str) -> None:
    """Send a control sequence to the terminal, in order with the app's own output."""
    if app._driver is not None:
        app._driver.write(sequence)
        app._driver.flush()


async def wait_until_mounted(widget: Widget) -> None:
    """Wait until a widget and its children are mounted, or mounting has failed."""
    await widget._mounted_event.wait()


def exit_with_message(app: App[Any], text: str) -> None:
    """Stop the app and print a plain text in place of Textual's traceback."""
    app._exit_renderables.append(Content(text).plain)
    app._close_messages_no_wait()


def is_notified(app: App[Any], title: str, text: str) -> bool:
    """Return whether a notification with this text is on the screen."""
    return any((n.title, n.message) == (title, text) for n in app._notifications)


def dismiss_information(app: App[Any]) -> None:
    """Dismiss the notifications that report no problem."""
    for notice in [n for n in app._notifications if n.severity == "information"]:
        app._unnotify(notice)
