"""Keys, money and health on the chat screen: signing in, what was spent, what is left, what is wrong."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence

from tui_router.domain.message import Part
from tui_router.domain.problem import Trouble
from tui_router.domain.secret import Secret
from tui_router.openrouter.cancel import Cancel
from tui_router.services.account import Checked, well_formed
from tui_router.services.core import Core
from tui_router.services.doctor import TerminalFacts
from tui_router.services.sign_in import SignIn
from tui_router.services.window_use import window_use
from tui_router.services.wiring import Services
from tui_router.ui.host import Host
from tui_router.ui.links import has_browser, open_link
from tui_router.ui.screens.chat.budget import set_budget, show_budgets
from tui_router.ui.screens.chat.caching import show_cache
from tui_router.ui.screens.chat.presenter import ConversationPresenter
from tui_router.ui.screens.dialogs import ChoiceDialog, MessageDialog, SecretDialog, TextDialog
from tui_router.ui.screens.search_dialog import ActionRow


class AccountActions:
    """Shows dialogs about the account. ``signed_in`` is called when a key was kept."""

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
        """Offer the ways to sign in; the one that works here first."""
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
        """Do one of the sign-in actions; ``False`` when it is another kind of action."""
        if action not in SIGN_IN:
            return False
        SIGN_IN[action](self)
        return True

    def cancel_waiting(self) -> bool:
        """Stop waiting for the browser; ``False`` when nothing waits."""
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            waiting.cancel()
        return waiting is not None

    def sign_out(self) -> None:
        """Forget the stored key in use."""
        self._host.work(self._core.account.log_out, self._host.tell)

    def show_credits(self) -> None:
        """Ask the service what is left."""
        self._host.work(self._core.account.check, lambda checked: self._host.tell(checked.sentence))

    def show_cost(self, words: str) -> None:
        """Show where the money went, at the section that the words name."""
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
            set_budget(words, preferences, self._host)
        else:
            show_budgets(self._core, self._presenter.chat, preferences, self._host)

    def show_context(self, draft: Sequence[Part] = ()) -> None:
        """Show what fills the window, with what is being typed."""
        model = self._core.catalog.get(self._presenter.model_id)
        if model is None:
            self._host.tell("The window of this model is not known")
            return
        from tui_router.ui.screens.context import ContextDialog  # not before the first frame

        self._host.show_screen(ContextDialog(window_use(self._core.estimates, self._presenter.chat, model, draft)))

    def show_cache(self, words: str) -> None:
        """Say what the answer cache holds, or empty it."""
        show_cache(words, self._core.answers, self._services.preferences.current, self._host)

    def show_doctor(self) -> None:
        """Check everything and show it."""
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

        text = "From openrouter.ai/keys. It is not shown, and kept in a file that only you can read."
        self._host.show_screen(SecretDialog("Paste a key", text, check=well_formed), kept)


SIGN_IN: Mapping[str, Callable[[AccountActions], None]] = {
    "sign_in": lambda panel: panel._with_browser(),
    "sign_in_code": lambda panel: panel._with_code(),
    "paste_key": lambda panel: panel._paste_key(),
    "demo": lambda panel: panel._host.leave(to_demo=True),
}
"""The ways to sign in, by the id of their action."""


def _opens(url: str) -> bool:
    """Open the browser, unless only one in the terminal could be found: it would take the screen away."""
    try:
        open_link(url, os.environ)
    except Trouble:
        return False
    return True
