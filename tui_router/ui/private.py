"""What the app needs of Textual that Textual keeps to itself. One place, with a test each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from textual.app import App
from textual.binding import Binding, BindingsMap
from textual.theme import Theme
from textual.widget import Widget


def set_bindings(app: App[Any], bindings: Iterable[Binding]) -> None:
    """Make these the app's only bindings. Textual can add a binding at run time, but not take one away."""
    app._bindings = BindingsMap(bindings)
    app.refresh_bindings()


def wear(app: App[Any], theme: Theme) -> None:
    """Show the app in a theme. One that is chosen before it runs is laid in: set later, all CSS is read once more."""
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
    """Return what reads the keyboard and writes to the terminal; ``None`` without one."""
    return app._driver


def write(app: App[Any], sequence: str) -> None:
    """Send a control sequence of ours to the terminal, in order with what the app paints."""
    if app._driver is not None:
        app._driver.write(sequence)
        app._driver.flush()


async def mounted(widget: Widget) -> None:
    """Wait until a widget and all that it is composed of are there, or have failed."""
    await widget._mounted_event.wait()


def is_notified(app: App[Any], title: str, text: str) -> bool:
    """Say whether a notice with these words is on the screen."""
    return any((n.title, n.message) == (title, text) for n in app._notifications)


def forget_news(app: App[Any]) -> None:
    """Take the notices away that are no problems. What is shown of the others is not touched."""
    for notice in [n for n in app._notifications if n.severity == "information"]:
        app._unnotify(notice)
