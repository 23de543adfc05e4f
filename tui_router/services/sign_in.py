"""Signs in with a local browser, or with a code from a browser elsewhere. Both use PKCE."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.domain.secret import Secret
from tui_router.openrouter.cancel import Cancel
from tui_router.openrouter.oauth import TIMEOUT, CallbackListener, challenge, new_verifier, sign_in_url
from tui_router.services.account import Account, Checked


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A sign-in waiting for its code. A code is valid once, for ten minutes."""

    url: str
    """Address to open in any browser."""
    verifier: str = field(repr=False)


class SignIn:
    """Exchanges a browser sign-in for a stored key."""

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
        """Open the browser, wait for the callback, and store the key. Blocks.

        ``show`` receives the address and whether a browser opened it. Returns the result of the key check;
        ``None`` if cancelled, or if the key was stored unchecked. Raises ``AppError``.
        """
        verifier = new_verifier()
        try:
            listener = self._listen()
        except OSError as error:
            raise AppError(
                Problem(
                    kind=ErrorKind.NETWORK,
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
        """Start a sign-in with a code; returns the address that shows it."""
        verifier = new_verifier()
        return Pending(url=sign_in_url(self._site(), challenge(verifier)), verifier=verifier)

    def finish(self, pending: Pending, pasted: str) -> Checked | None:
        """Store the key for a pasted code, or for an address with ``?code=``; raises ``AppError``."""
        code = code_in(pasted)
        if not code:
            raise AppError(
                Problem(
                    kind=ErrorKind.USAGE, title="There is no code in that", hint="Copy the code that the page shows"
                )
            )
        return self._keep(code, pending.verifier)

    def _keep(self, code: str, verifier: str) -> Checked | None:
        return self._account.keep(self._redeem(code, verifier))


def code_in(pasted: str) -> str:
    """Extract the code from pasted text: plain, quoted, or in an address."""
    text = pasted.strip().strip("\"'` \ufeff")
    if "code=" in text:
        query = urlsplit(text).query or text.rpartition("?")[2]
        text = next(iter(parse_qs(query).get("code", [])), "")
    return text if text.isascii() and text.isprintable() and " " not in text else ""


def _open_browser(url: str) -> bool:
    import webbrowser  # only needed for sign-in

    return webbrowser.open(url)
