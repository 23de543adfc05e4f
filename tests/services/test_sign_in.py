"""Signing in with a browser here, or a code from elsewhere."""

from __future__ import annotations

import threading
import urllib.request
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tui_router.domain.account import Credits, KeyInfo
from tui_router.domain.problem import AppError
from tui_router.domain.secret import Secret
from tui_router.domain.settings import Settings
from tui_router.openrouter.cancel import Cancel
from tui_router.openrouter.oauth import CallbackListener, challenge
from tui_router.services.account import Account
from tui_router.services.sign_in import SignIn, code_in
from tui_router.storage.environment import read_environment
from tui_router.storage.keys import KeyRing
from tui_router.storage.paths import find_paths


class Talk:
    def key_info(self) -> KeyInfo:
        return KeyInfo(usage=Decimal(1))

    def credits(self) -> Credits | None:
        return None

    def close(self) -> None:
        pass


class House:
    """An account, and a service that redeems codes."""

    def __init__(self, folder: Path) -> None:
        self.redeemed: list[tuple[str, str]] = []
        self.opened: list[str] = []
        self.account = Account(
            ring=KeyRing(find_paths(str(folder), {}), read_environment({}, None), vault=lambda: None),
            settings=Settings,
            stored=Settings,
            connect=lambda secret, base_url: Talk(),
            now=lambda: datetime(2026, 6, 1, tzinfo=UTC),
            spent_since=lambda at: Decimal(0),
        )
        self.sign_in = SignIn(
            account=self.account, site=lambda: "https://openrouter.ai", redeem=self.redeem, open_browser=self.browse
        )

    def redeem(self, code: str, verifier: str) -> Secret:
        self.redeemed.append((code, verifier))
        return Secret("sk-or-v1-from-a-code")

    def browse(self, url: str) -> bool:
        self.opened.append(url)
        return True


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def query(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def test_a_pasted_code_becomes_a_kept_key(house: House) -> None:
    pending = house.sign_in.begin()
    assert "callback_url" not in query(pending.url)
    assert pending.verifier not in repr(pending)
    checked = house.sign_in.finish(pending, ' "the-code"\n')
    assert checked is not None
    assert house.redeemed == [("the-code", pending.verifier)]
    assert query(pending.url)["code_challenge"] == challenge(pending.verifier)
    found = house.account.find()
    assert found is not None
    assert found.secret == Secret("sk-or-v1-from-a-code")


def test_nothing_pasted_is_no_code(house: House) -> None:
    with pytest.raises(AppError):
        house.sign_in.finish(house.sign_in.begin(), "  ")
    assert house.redeemed == []


@pytest.mark.parametrize(
    ("pasted", "code"),
    [
        ("abc", "abc"),
        ("'abc'", "abc"),
        ("http://localhost:3000/?code=abc&x=1", "abc"),
        ("?code=abc", "abc"),
        ("https://openrouter.ai/?code=", ""),
        ("two words", ""),
        ("\x1b[31m", ""),
    ],
)
def test_a_code_is_found_in_what_was_pasted(pasted: str, code: str) -> None:
    assert code_in(pasted) == code


def test_the_browser_brings_the_code_back(house: House) -> None:
    shown: list[tuple[str, bool]] = []

    def show(url: str, is_open: bool) -> None:
        shown.append((url, is_open))
        callback = query(url)["callback_url"] + "?code=the-code"
        threading.Thread(target=lambda: urllib.request.urlopen(callback).close(), daemon=True).start()

    assert house.sign_in.with_browser(Cancel(), show) is not None
    assert house.opened == [shown[0][0]]
    assert shown[0][1]
    assert house.redeemed[0][0] == "the-code"
    assert query(shown[0][0])["code_challenge"] == challenge(house.redeemed[0][1])


def test_a_cancelled_sign_in_keeps_nothing(house: House) -> None:
    cancel = Cancel()
    assert house.sign_in.with_browser(cancel, lambda url, is_open: cancel.cancel()) is None
    assert house.account.find() is None


def test_where_nothing_may_listen_a_code_is_proposed(house: House) -> None:
    def refuse() -> CallbackListener:
        raise OSError(13, "Permission denied")

    sign_in = SignIn(
        account=house.account,
        site=lambda: "https://x.example",
        redeem=house.redeem,
        open_browser=house.browse,
        listen=refuse,
    )
    with pytest.raises(AppError) as caught:
        sign_in.with_browser(Cancel(), lambda url, is_open: None)
    assert "code" in caught.value.problem.hint
    assert house.opened == []
