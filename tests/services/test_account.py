"""Keys: which one, from where, what it may do; a refused key is never kept."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from tui_router.domain.account import Credits, KeyInfo
from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.domain.secret import Secret
from tui_router.domain.settings import AccountSettings, NetworkSettings, Settings
from tui_router.services.account import Account
from tui_router.storage.environment import read_environment
from tui_router.storage.keys import KeyRing
from tui_router.storage.paths import find_paths

NOW = datetime(2026, 6, 1, tzinfo=UTC)
GOOD, BAD, ADMIN = "sk-or-v1-good-key-0001", "sk-or-v1-bad-key-0002", "sk-or-v1-admin-key-0003"


class Service:
    """Answers key checks; counts open connections."""

    def __init__(self) -> None:
        self.problem: Problem | None = None
        self.balance: Credits | None = None
        self.hides_balance = False
        self.open = 0
        self.asked: list[tuple[str, str]] = []

    def connect(self, secret: Secret, base_url: str) -> Service.Talk:
        self.open += 1
        self.asked.append((secret.reveal(), base_url))
        return Service.Talk(self, secret)

    class Talk:
        def __init__(self, service: Service, secret: Secret) -> None:
            self.service = service
            self.secret = secret

        def key_info(self) -> KeyInfo:
            if self.service.problem:
                raise AppError(self.service.problem)
            if self.secret.reveal() == BAD:
                raise AppError(Problem(kind=ErrorKind.BAD_KEY, title="The key was not accepted"))
            if self.secret.reveal() == ADMIN:
                return KeyInfo(is_management=True)
            return KeyInfo(limit=Decimal(10), limit_remaining=Decimal(8), usage=Decimal(2), is_free_tier=True)

        def credits(self) -> Credits | None:
            if self.service.hides_balance:
                raise AppError(Problem(kind=ErrorKind.BLOCKED, title="Not for this key"))
            return self.service.balance

        def close(self) -> None:
            self.service.open -= 1


class House:
    """An account with everything around it."""

    def __init__(self, folder: Path, environ: dict[str, str] | None = None) -> None:
        self.service = Service()
        self.settings = Settings()
        self.spent = Decimal(0)
        ring = KeyRing(find_paths(str(folder), {}), read_environment(environ or {}, None), vault=lambda: None)
        self.account = Account(
            ring=ring,
            settings=lambda: self.settings,
            stored=lambda: self.settings,
            connect=self.service.connect,
            now=lambda: NOW,
            spent_since=lambda at: self.spent,
        )


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def test_without_a_key_one_is_asked_for(house: House) -> None:
    assert house.account.find() is None
    with pytest.raises(AppError) as caught:
        house.account.need()
    assert caught.value.problem.kind is ErrorKind.NO_KEY
    assert "/login" in house.account.where()
    assert house.account.log_out() == "There was no key to forget"


def test_a_key_for_another_address_is_named_and_not_sent(house: House) -> None:
    house.account.add(GOOD)
    house.settings = Settings(network=NetworkSettings(base_url="https://elsewhere.example/v1"))
    assert house.account.find() is None
    assert "elsewhere.example" in house.account.where()


def test_the_key_of_the_environment_is_used_and_said(tmp_path: Path) -> None:
    house = House(tmp_path, {"OPENROUTER_API_KEY": GOOD})
    assert house.account.where() == "Using the key sk-or-…0001 from environment (OPENROUTER_API_KEY)"
    assert "nothing is stored here" in house.account.log_out()
    assert house.account.find() is not None


def test_a_checked_key_says_what_it_may_do(house: House) -> None:
    checked = house.account.add(f'  "{GOOD}"\n')
    assert checked is not None
    assert checked.sentence == (
        "limit $10.00, used $2.00, left $8.00 · no credit was ever bought · free models: 50 requests a day"
    )
    assert house.account.checked == checked
    assert house.account.info() == checked.info
    assert house.service.open == 0


def test_what_was_spent_since_the_check_is_taken_off(house: House) -> None:
    assert house.account.left().amount is None
    house.account.add(GOOD)
    house.spent = Decimal(3)
    assert house.account.left().amount == 8, "the ledger is read when it is asked for, not by what is drawn"
    assert house.account.recount().amount == 5
    assert house.account.left().amount == 5
    house.service.balance = Credits(total=Decimal(6), used=Decimal(2))
    house.account.check()
    assert house.account.left().amount == 4, "what was spent before a check is in its answer"
    assert house.account.recount().amount == 1


def test_a_hidden_balance_is_no_failure(house: House) -> None:
    house.service.hides_balance = True
    checked = house.account.add(GOOD)
    assert checked is not None
    assert checked.credits is None


@pytest.mark.parametrize("key", [BAD, ADMIN, "not a key", ""])
def test_a_refused_key_is_not_kept(house: House, key: str) -> None:
    with pytest.raises(AppError):
        house.account.add(key)
    assert house.account.stored_keys() == ()
    assert house.service.open == 0


def test_offline_a_key_is_kept_unchecked(house: House) -> None:
    house.service.problem = Problem(kind=ErrorKind.NETWORK, title="No network")
    assert house.account.add(GOOD) is None
    assert house.account.find() is not None
    assert house.account.checked is None
    with pytest.raises(AppError):
        house.account.check()
    assert house.service.open == 0


def test_an_unchecked_key_asks_nobody(house: House) -> None:
    assert house.account.add(BAD, check=False) is None
    assert house.service.asked == []


def test_keys_have_names_and_one_is_in_use(house: House) -> None:
    house.account.add(GOOD)
    house.account.add(GOOD, "work")
    house.account.add(GOOD)
    assert [(k.name, k.is_active) for k in house.account.stored_keys()] == [
        ("default", False),
        ("work", False),
        ("key2", True),
    ]
    house.account.use("work")
    found = house.account.find()
    assert found is not None
    assert found.name == "work"
    house.account.remove("work")
    assert [k.name for k in house.account.stored_keys()] == ["default", "key2"]


def test_those_who_listen_hear_of_every_other_key(house: House) -> None:
    heard: list[str] = []
    house.account.listen(lambda: heard.append(house.account.where()))
    house.account.add(GOOD)
    house.account.log_out()
    assert len(heard) == 2
    assert "keys file (default)" in heard[0]


def test_logging_out_says_what_is_used_now(house: House) -> None:
    house.account.add(GOOD)
    house.account.add(GOOD, "work")
    assert house.account.log_out().endswith("Now using the key from keys file (default)")
    assert house.account.log_out().endswith("revoke it at openrouter.ai/keys")
    assert house.account.find() is None


def test_other_settings_look_for_the_key_again(house: House) -> None:
    house.account.add(GOOD)
    house.account.check()
    house.settings = Settings(account=AccountSettings(key_command="echo sk-or-v1-from-a-command"))
    found = house.account.find()
    assert found is not None
    assert found.source == "key_command"
    assert house.account.checked is None
