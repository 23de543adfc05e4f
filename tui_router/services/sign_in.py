"""Signing in: with the browser of this machine, or with a code from a browser elsewhere. PKCE both ways."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from tui_router.domain.problem import Kind, Problem, Trouble
from tui_router.domain.secret import Secret
from tui_router.openrouter.cancel import Cancel
from tui_router.openrouter.oauth import TIMEOUT, CallbackListener, challenge, new_verifier, sign_in_url
from tui_router.services.account import Account, Checked


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A sign-in that waits for a code. The code works once, for ten minutes."""

    url: str
    """To be opened in any browser."""
    verifier: str = field(repr=False)


class SignIn:
    """Leads from a browser to a kept key."""

    def __init__(
        self,
        *,
        account: Account,
        site: Callable[[], str],
        redeem: Callable[[str, str], Secret],
        open_browser: Callable[[str], bool] | None = None,
        listen: Callable[[], CallbackListener] = CallbackListener,
    ) -> None:
        self._account = account
        self._site = site
        self._redeem = redeem
        self._open_browser = open_browser or _open_browser
        self._listen = listen

    def with_browser(
        self, cancel: Cancel, show: Callable[[str, bool], None], *, timeout: float = TIMEOUT
    ) -> Checked | None:
        """Open the browser, wait for it to come back, and keep the key; blocking.

        ``show`` is told the address, and whether a browser took it. Returns what the key may do;
        ``None`` when cancelled, or when the key was kept unchecked. Raises ``Trouble``.
        """
        verifier = new_verifier()
        try:
            listener = self._listen()
        except OSError as error:
            raise Trouble(
                Problem(
                    kind=Kind.NETWORK,
                    title="The browser could not come back to this machine",
                    detail=error.strerror or "",
                    hint="Sign in with a code instead",
                )
            ) from error
        with listener:
            url = sign_in_url(self._site(), challenge(verifier), listener.url)
            show(url, self._open_browser(url))
            code = listener.wait(cancel, timeout)
        return None if code is None else self._keep(code, verifier)

    def begin(self) -> Pending:
        """Return the address that shows a code to paste."""
        verifier = new_verifier()
        return Pending(url=sign_in_url(self._site(), challenge(verifier)), verifier=verifier)

    def finish(self, pending: Pending, pasted: str) -> Checked | None:
        """Keep the key that a pasted code stands for (an address with ``?code=`` too); raises ``Trouble``."""
        code = code_in(pasted)
        if not code:
            raise Trouble(
                Problem(kind=Kind.USAGE, title="There is no code in that", hint="Copy the code that the page shows")
            )
        return self._keep(code, pending.verifier)

    def _keep(self, code: str, verifier: str) -> Checked | None:
        return self._account.keep(self._redeem(code, verifier))


def code_in(pasted: str) -> str:
    """Return the code in what was pasted: the code itself, in quotes, or in an address."""
    text = pasted.strip().strip("\"'` \ufeff")
    if "code=" in text:
        query = urlsplit(text).query or text.rpartition("?")[2]
        text = next(iter(parse_qs(query).get("code", [])), "")
    return text if text.isascii() and text.isprintable() and " " not in text else ""


def _open_browser(url: str) -> bool:
    import webbrowser  # only for somebody who signs in

    return webbrowser.open(url)
