"""Account actions of the chat screen: signing in, spending, budgets, the answer cache and the health check."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from tui_router.domain.message import Part
from tui_router.domain.problem import AppError, Problem
from tui_router.domain.secret import Secret
from tui_router.domain.settings import Settings
from tui_router.openrouter.cancel import Cancel
from tui_router.services.account import Checked, well_formed
from tui_router.services.answer_cache import AnswerCache
from tui_router.services.chat import Chat
from tui_router.services.context_usage import window_use
from tui_router.services.core import Core
from tui_router.services.doctor import TerminalFacts
from tui_router.services.ledger import budget_sentence, budget_usage, read_budget
from tui_router.services.preferences import Preferences
from tui_router.services.sign_in import SignIn
from tui_router.services.startup import Services
from tui_router.ui.host import Host
from tui_router.ui.links import has_browser, open_link
from tui_router.ui.screens.chat.presenter import ConversationPresenter
from tui_router.ui.screens.dialogs import ChoiceDialog, ContextDialog, MessageDialog, SecretDialog, TextDialog
from tui_router.ui.screens.search_dialog import ActionRow


class AccountActions:
    """Runs account commands and shows their dialogs. ``signed_in`` is called when a key was saved."""

    def __init__(
        self,
        services: Services,
        core: Core,
        host: Host,
        presenter: ConversationPresenter,
        signed_in: Callable[[Checked | None], None],
        pick_model: Callable[[Callable[[str], None]], None],
    ) -> None:
        self._services = services
        self._core = core
        self._host = host
        self._presenter = presenter
        self._signed_in = signed_in
        self._pick_model = pick_model
        self._waiting: Cancel | None = None

    def show_sign_in(self) -> None:
        """Offer the ways to sign in; the one most likely to work here comes first."""
        browser = ActionRow(id="sign_in", text="Sign in with the browser", key="b")
        code = ActionRow(id="sign_in_code", text="Sign in elsewhere and paste a code", key="c")
        paste = ActionRow(id="paste_key", text="Paste a key", key="p")
        demo = ActionRow(id="demo", text="Try the offline demo", key="d")
        here = has_browser(os.environ) and "SSH_CONNECTION" not in os.environ
        rows = [browser, code, paste, demo] if here else [code, paste, browser, demo]

        def chosen(action: str | None) -> None:
            if action:
                self.act(action)

        self._host.show_screen(ChoiceDialog("Sign in", rows), chosen)

    def act(self, action: str) -> bool:
        """Run a sign-in action; ``False`` when ``action`` is none."""
        if action not in SIGN_IN:
            return False
        SIGN_IN[action](self)
        return True

    def cancel_waiting(self) -> bool:
        """Stop waiting for the browser; ``False`` when no sign-in waits."""
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            waiting.cancel()
        return waiting is not None

    def sign_out(self) -> None:
        """Forget the stored key in use."""
        self._host.work(self._core.account.log_out, self._host.tell)

    def show_credits(self) -> None:
        """Ask the service for the remaining credit and show it."""
        self._host.work(self._core.account.check, lambda checked: self._host.tell(checked.sentence))

    def show_cost(self, words: str) -> None:
        """Show the money screen, at the section named by ``words``."""
        from tui_router.ui.screens.money import MoneyScreen  # not before the first frame
        from tui_router.ui.screens.money_rows import Budgets

        conversation = self._presenter.chat.conversation

        def budgets() -> Budgets:
            limits = self._core.money.current()
            return Budgets(day=limits.daily, month=limits.monthly, conversation=limits.conversation)

        screen = MoneyScreen(
            self._core.spending,
            self._host,
            pick_model=self._pick_model,
            conversation_id="" if conversation.is_temporary else conversation.id,
            budgets=budgets,
            name_of=self._presenter.name_of,
            words=words,
        )
        self._host.show_screen(screen)

    def set_budget(self, words: str) -> None:
        """Show or set the budgets: ``5/day``, ``50/month``, ``2/conversation``, ``off``."""
        preferences = self._services.preferences
        if words:
            _set_budget(words, preferences, self._host)
        else:
            _show_budgets(self._core, self._presenter.chat, preferences, self._host)

    def show_context(self, draft: Sequence[Part] = ()) -> None:
        """Show what fills the context window, the draft included."""
        model = self._core.catalog.get(self._presenter.model_id)
        if model is None:
            self._host.tell("The window of this model is not known")
            return
        self._host.show_screen(ContextDialog(window_use(self._core.estimates, self._presenter.chat, model, draft)))

    def show_cache(self, words: str) -> None:
        """Show the size of the answer cache, or clear it."""
        _show_cache(words, self._core.answers, self._services.preferences.current, self._host)

    def show_doctor(self) -> None:
        """Run the health check and show its results."""
        facts = TerminalFacts(is_terminal=True, term=os.environ.get("TERM", ""))
        doctor = self._core.doctor(os.environ, facts)
        self._host.tell("Checking…")

        def show(lines: list[str]) -> None:
            self._host.show_screen(MessageDialog("Health", "\n".join(lines)))

        marks = {"ok": "✓", "warn": "!", "bad": "✗"}
        self._host.work(
            lambda: [
                f"{marks[c.state]} {c.name}: {c.detail}" + (f"\n  {c.hint}" if c.hint else "") for c in doctor.run()
            ],
            show,
        )

    def _sign_in(self) -> SignIn:
        client = self._core.public_client()
        return SignIn(
            account=self._core.account, site=lambda: client.site, redeem=client.redeem_code, open_browser=_opens
        )

    def _with_browser(self) -> None:
        cancel = self._waiting = Cancel()

        def show(url: str, opened: bool) -> None:
            if opened:
                self._host.soon(lambda: self._host.tell("Waiting for the browser; Esc cancels"))
            else:
                dialog = MessageDialog("Open this in a browser of this machine", url)
                self._host.soon(lambda: self._host.show_screen(dialog))

        def done(checked: Checked | None) -> None:
            self._waiting = None
            if not cancel.is_set:
                self._signed_in(checked)

        self._host.work(lambda: self._sign_in().with_browser(cancel, show), done)

    def _with_code(self) -> None:
        pending = self._sign_in().begin()
        text = f"Open this address in any browser, sign in, and paste the code that it shows:\n\n{pending.url}"

        def paste(code: str | None) -> None:
            if code:
                self._host.work(lambda: self._sign_in().finish(pending, code), self._signed_in)

        self._host.show_screen(TextDialog("Sign in with a code", text, placeholder="code"), paste)

    def _paste_key(self) -> None:
        def kept(secret: Secret | None) -> None:
            if secret is not None:
                self._host.tell("Checking the key…")
                self._host.work(lambda: self._core.account.add(secret.reveal()), self._signed_in)

        text = "From openrouter.ai/keys. It is never shown, and saved in a file that only you can read."
        self._host.show_screen(SecretDialog("Paste a key", text, check=well_formed), kept)


SIGN_IN: Mapping[str, Callable[[AccountActions], None]] = {
    "sign_in": lambda account: account._with_browser(),
    "sign_in_code": lambda account: account._with_code(),
    "paste_key": lambda account: account._paste_key(),
    "demo": lambda account: account._host.leave(to_demo=True),
}
"""Ways to sign in, by action id."""


def _opens(url: str) -> bool:
    """Open the browser; ``False`` if only a text browser was found, which would take over the terminal."""
    try:
        open_link(url, os.environ)
    except AppError:
        return False
    return True


def _set_budget(words: str, preferences: Preferences, host: Host) -> None:
    """Set a budget: ``5/day``, ``50/month``, ``2/conversation``, or ``off`` for none."""
    chosen = read_budget(words)

    def change() -> list[Problem]:
        return [notice for path, dollars in chosen.items() for notice in preferences.change(path, dollars)]

    def changed(notices: list[Problem]) -> None:
        for notice in notices:
            host.tell_problem(notice)
        if len(chosen) > 1:
            host.tell("No budget")
        else:
            host.tell(*(budget_sentence(path, dollars) for path, dollars in chosen.items()))

    host.work(change, changed)


def _show_budgets(core: Core, chat: Chat, preferences: Preferences, host: Host) -> None:
    """Show every budget with what is spent and left. Reads the settings file again: it may have been fixed."""
    preferences.reload()
    limits = core.money.current()
    lines = [s.sentence for s in budget_usage(limits, core.charges, chat.conversation.id, datetime.now(UTC))]
    if limits.problem is not None:
        host.tell_problem(limits.problem)
    elif limits.remembered:
        lines.append("settings.toml cannot be read: the last good limits apply")
    host.tell("\n".join((*lines, "Set one with /budget 5/day, 50/month, 2/conversation or off")))


_CACHE_STATES = {
    "off": "It is off: /set cache.answers all turns it on",
    "shell": "It is on in the shell: /set cache.answers all turns it on here too",
    "all": "It is on",
}


def _show_cache(words: str, answers: AnswerCache, settings: Settings, host: Host) -> None:
    """Show how many answers the cache holds; ``clear`` deletes them."""
    match words.strip().lower():
        case "clear":
            answers.clear()
            host.tell("The answer cache is empty")
        case "":
            count = answers.count()
            noun = "answer" if count == 1 else "answers"
            host.tell(
                f"The cache holds {count:,} {noun}. {_CACHE_STATES[settings.cache.answers]}. /cache clear forgets them"
            )
        case _:
            host.tell("Use /cache, or /cache clear")
