"""Commands on the program itself: quit, help, settings, scrolling, copy and paste."""

from __future__ import annotations

from tui_router.ui.command import Scope, command
from tui_router.ui.commands.context import CommandContext


@command(
    "app.interrupt",
    "Copy, clear, stop, quit",
    "Copies the selection; else clears the draft; else stops; else quits at the second press",
    key="ctrl+c",
    scope=Scope.EVERYWHERE,
    in_palette=False,
)
def interrupt(ctx: CommandContext, words: str) -> None:
    """Ctrl+C: copy the selection, clear the draft, stop, or quit, in that order."""
    if ctx.compare is None:
        ctx.chat.interrupt()
    elif text := ctx.transcript.selection.text():
        ctx.chat.copy_actions.copy_text(text, "the selection")
        ctx.transcript.selection.clear()
    else:
        ctx.compare.interrupt()


@command("app.quit", "Quit", "Everything is saved", key="ctrl+q", slash=("quit", "exit", "q"), scope=Scope.EVERYWHERE)
def quit_app(ctx: CommandContext, words: str) -> None:
    """Save everything and quit."""
    ctx.app.leave()


@command("app.quit_if_empty", "Quit on an empty prompt", key="ctrl+d", scope=Scope.PROMPT, in_palette=False)
def quit_if_empty(ctx: CommandContext, words: str) -> None:
    """Ctrl+D: quit if the prompt is empty, otherwise delete to the right."""
    if ctx.chat.prompt.draft.is_empty:
        ctx.app.leave()
    else:
        ctx.chat.prompt.action_delete_right()


@command("app.palette", "All actions", key="ctrl+p")
def palette(ctx: CommandContext, words: str) -> None:
    """Show the command palette."""
    ctx.app.open_palette()


@command("app.help", "Help", "The keys of this place, searchable", key="f1", slash=("help", "?"), scope=Scope.MAIN)
def show_help(ctx: CommandContext, words: str) -> None:
    """Show the keys."""
    ctx.app.open_help()


@command("app.settings", "Settings", key="f10", slash=("settings", "config"))
def settings(ctx: CommandContext, words: str) -> None:
    """Show the settings."""
    ctx.app.open_settings()


@command("app.keys", "Change keys", slash=("keys",))
def keys(ctx: CommandContext, words: str) -> None:
    """Show the keys in the settings."""
    ctx.app.open_settings("keys")


@command("app.theme", "Theme", "Choose the colours", slash=("theme",), takes="[name]")
def theme(ctx: CommandContext, words: str) -> None:
    """Set the theme, or choose one with a preview."""
    if words:
        ctx.app.work(lambda: ctx.services.preferences.change_typed("look.theme", words), lambda _: None)
    else:
        ctx.app.open_settings("look")


@command("app.vim", "Vim keys in the prompt", slash=("vim",))
def vim(ctx: CommandContext, words: str) -> None:
    """Turn Vim keys on or off."""
    _toggle(ctx, "prompt.vim", "Vim keys are on", "Vim keys are off")


@command("app.mouse", "Mouse", "Give the mouse to the terminal, or take it back", slash=("mouse",))
def mouse(ctx: CommandContext, words: str) -> None:
    """Turn mouse support on or off."""
    _toggle(
        ctx, "look.mouse", "The mouse is taken from the next start", "The mouse is the terminal's from the next start"
    )


def _toggle(ctx: CommandContext, path: str, on: str, off: str) -> None:
    """Toggle a setting and report its new value."""
    preferences = ctx.services.preferences
    ctx.app.work(lambda: preferences.toggle(path), lambda is_on: ctx.app.tell(on if is_on else off))


@command("view.sidebar", "Sidebar", "Conversations beside the chat", key="f4", scope=Scope.CHAT)
def sidebar(ctx: CommandContext, words: str) -> None:
    """Show or hide the sidebar."""
    ctx.chat.overlays.toggle_sidebar()


@command(
    "view.copy_mode",
    "Copy mode",
    "Plain text, mouse released, for the terminal's own selection",
    key="f9",
    scope=Scope.CHAT,
)
def copy_mode(ctx: CommandContext, words: str) -> None:
    """Show the conversation as plain text with the mouse released."""
    ctx.chat.overlays.copy_mode()


@command("view.redraw", "Redraw", key="f5", scope=Scope.EVERYWHERE)
def redraw(ctx: CommandContext, words: str) -> None:
    """Repaint the screen."""
    ctx.app.redraw()


@command("view.page_up", "Page up", key="pageup", priority=True, in_palette=False)
def page_up(ctx: CommandContext, words: str) -> None:
    """Scroll a page up."""
    ctx.transcript.viewport.scroll_page(-1)


@command("view.page_down", "Page down", key="pagedown", priority=True, in_palette=False)
def page_down(ctx: CommandContext, words: str) -> None:
    """Scroll a page down."""
    ctx.transcript.viewport.scroll_page(1)


@command("view.turn_up", "Previous turn", key="shift+up", priority=False, in_palette=False)
def turn_up(ctx: CommandContext, words: str) -> None:
    """Scroll to the turn above."""
    ctx.transcript.viewport.scroll_turn(-1)


@command("view.turn_down", "Next turn", key="shift+down", priority=False, in_palette=False)
def turn_down(ctx: CommandContext, words: str) -> None:
    """Scroll to the turn below."""
    ctx.transcript.viewport.scroll_turn(1)


@command("view.top", "Top", key="ctrl+home", priority=True, in_palette=False)
def top(ctx: CommandContext, words: str) -> None:
    """Go to the first turn."""
    if ctx.compare is None:
        ctx.chat.message_mode.go_to_end(first=True)
    elif ctx.transcript.entries:
        ctx.transcript.viewport.scroll_to_entry(ctx.transcript.entries[0].id)


@command("view.end", "Follow the end", "Go to the end and follow it", key="ctrl+end", priority=True, in_palette=False)
def end(ctx: CommandContext, words: str) -> None:
    """Go to the end and follow it."""
    ctx.transcript.viewport.jump_end()


@command("view.follow", "Follow the end", "End on an empty prompt", key="end", scope=Scope.PROMPT, in_palette=False)
def follow(ctx: CommandContext, words: str) -> None:
    """End: follow the answer if the prompt is empty, otherwise go to the end of the line."""
    if ctx.chat.prompt.text:
        ctx.chat.prompt.action_cursor_line_end()
    else:
        ctx.transcript.viewport.jump_end()


@command(
    "view.copy",
    "Copy",
    "The last answer; or all, user, code [n]",
    key="ctrl+y",
    slash=("copy",),
    takes="[last | all | user | code [n]]",
)
def copy(ctx: CommandContext, words: str) -> None:
    """Copy an answer, the conversation or a code block, and report how."""
    if ctx.compare is not None and words in ("", "last"):
        ctx.chat.copy_actions.copy_text(ctx.compare.actions.current.text, "this lane's answer")
    else:
        ctx.chat.copy_actions.copy_words(words or "last")


@command("view.paste", "Paste", "Paste text or a picture from the clipboard", slash=("paste",))
def paste(ctx: CommandContext, words: str) -> None:
    """Paste from this machine's clipboard."""
    ctx.drafts.paste()


COMMANDS = (
    interrupt, quit_app, quit_if_empty, palette, show_help, settings, keys, theme, vim, mouse, sidebar, copy_mode,
    redraw, page_up, page_down, turn_up, turn_down, top, end, follow, copy, paste,
)  # fmt: skip
