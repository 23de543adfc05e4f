"""Keys: found in order, bound to an origin, private on disk."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tui_router.domain.problem import AppError, ErrorKind
from tui_router.domain.secret import Secret
from tui_router.domain.settings import DEFAULT_BASE_URL
from tui_router.storage.environment import Environment, read_environment
from tui_router.storage.key_sources import DesktopVault, Vault, find_vault, run_key_command
from tui_router.storage.keys import KeyRing, clean_key, origin_of
from tui_router.storage.paths import AppPaths

ONE = Secret("sk-or-v1-aaaaaaaaaaaa0001")
TWO = Secret("sk-or-v1-bbbbbbbbbbbb0002")
OTHER = "https://other.example/v1"


class PretendVault:
    """A vault in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    def get(self, name: str) -> str | None:
        """Return a secret."""
        return self.kept.get(name)

    def put(self, name: str, secret: str) -> None:
        """Keep a secret."""
        self.kept[name] = secret

    def drop(self, name: str) -> None:
        """Forget a secret."""
        self.kept.pop(name, None)


class PretendKeyring:
    """The functions of the keyring package; refuses when it is told to."""

    def __init__(self, *, refuses: bool = False) -> None:
        self.vault = PretendVault()
        self.refuses = refuses

    def get_password(self, service: str, name: str) -> str | None:
        """As keyring has it."""
        if self.refuses:
            raise RuntimeError("locked: sk-or-v1-secret")
        return self.vault.get(f"{service}/{name}")

    def set_password(self, service: str, name: str, secret: str) -> None:
        """As keyring has it."""
        if self.refuses:
            raise RuntimeError("locked")
        self.vault.put(f"{service}/{name}", secret)

    def delete_password(self, service: str, name: str) -> None:
        """As keyring has it."""
        self.vault.drop(f"{service}/{name}")


def ring(paths: AppPaths, environ: dict[str, str] | None = None, vault: Vault | None = None) -> KeyRing:
    """A key ring without a real keyring."""
    return KeyRing(paths, read_environment(environ or {}, None), vault=lambda: vault)


def test_nothing_is_found_where_nothing_is(paths: AppPaths) -> None:
    keys = ring(paths)
    assert keys.find(DEFAULT_BASE_URL) is None
    assert keys.names() == ()
    assert keys.repair() == ()
    assert keys.refusal(DEFAULT_BASE_URL) is None


def test_the_first_place_wins_and_is_named(paths: AppPaths, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"OPENROUTER_API_KEY='{TWO.reveal()}'\n")
    near = KeyRing(paths, read_environment({}, tmp_path), vault=lambda: None)
    near.add("work", ONE)
    found = near.find(DEFAULT_BASE_URL)
    assert found is not None
    assert (found.secret, found.source) == (TWO, ".env (OPENROUTER_API_KEY)")

    found = ring(paths, {"OPENROUTER_API_KEY": TWO.reveal()}).find(DEFAULT_BASE_URL)
    assert found is not None
    assert found.source == "environment (OPENROUTER_API_KEY)"

    command = f"{sys.executable} -c \"print('sk-or-v1-command00')\""
    found = near.find(DEFAULT_BASE_URL, command)
    assert found is not None
    assert (found.secret.reveal(), found.source) == ("sk-or-v1-command00", "key_command")

    found = ring(paths).find(DEFAULT_BASE_URL)
    assert found is not None
    assert (found.secret, found.source, found.name) == (ONE, "keys file (work)", "work")


def test_a_key_goes_to_its_own_origin_only(paths: AppPaths) -> None:
    keys = ring(paths)
    keys.add("work", ONE)
    assert keys.find(OTHER) is None
    assert keys.find("http://openrouter.ai/api/v1") is None
    assert keys.find("https://openrouter.ai:8443/api/v1") is None
    assert keys.find("https://openrouter.ai.evil.example/api/v1") is None
    assert keys.find("https://openrouter.ai@evil.example/api/v1") is None
    assert keys.find("nonsense") is None
    assert keys.find("https://OPENROUTER.ai:443/other/path") is not None
    refusal = keys.refusal(OTHER)
    assert refusal is not None
    assert "never sent to another address" in refusal.detail


def test_a_key_of_the_environment_belongs_to_the_address_beside_it(paths: AppPaths) -> None:
    alone = ring(paths, {"OPENROUTER_API_KEY": ONE.reveal()})
    assert alone.find(DEFAULT_BASE_URL) is not None
    assert alone.find(OTHER) is None
    refusal = alone.refusal(OTHER)
    assert refusal is not None
    assert DEFAULT_BASE_URL in refusal.detail
    both = ring(paths, {"OPENROUTER_API_KEY": ONE.reveal(), "OPENROUTER_BASE_URL": OTHER})
    assert both.find(OTHER) is not None
    assert both.find(DEFAULT_BASE_URL) is None


def test_a_stored_key_does_not_follow_an_address_of_the_environment(paths: AppPaths) -> None:
    ring(paths).add("work", ONE)
    assert ring(paths, {"OPENROUTER_BASE_URL": OTHER}).find(OTHER) is None


def test_a_command_is_asked_only_for_the_address_of_the_settings(paths: AppPaths) -> None:
    command = f"{sys.executable} -c \"print('sk-or-v1-command00')\""
    assert ring(paths).find(OTHER, command) is None
    assert ring(paths).find(OTHER, command, home=OTHER) is not None


def test_several_keys_can_be_kept_and_one_is_active(paths: AppPaths) -> None:
    keys = ring(paths)
    keys.add("one", ONE)
    keys.add("two", TWO)
    keys.add("far", ONE, OTHER)
    assert [(k.name, k.is_active, k.base_url) for k in keys.names()] == [
        ("one", False, DEFAULT_BASE_URL),
        ("two", False, DEFAULT_BASE_URL),
        ("far", True, OTHER),
    ]
    assert keys.names()[0].masked == "sk-or-…0001"
    keys.use("two")
    found = keys.find(DEFAULT_BASE_URL)
    assert found is not None
    assert found.secret == TWO
    keys.remove("two")
    found = keys.find(DEFAULT_BASE_URL)
    assert found is not None
    assert found.secret == ONE
    with pytest.raises(AppError) as caught:
        keys.use("two")
    assert caught.value.problem.kind is ErrorKind.USAGE
    keys.remove("one")
    keys.remove("far")
    assert "sk-or" not in paths.keys.read_text()


def test_the_file_is_private_from_the_first_byte_whatever_the_umask(paths: AppPaths) -> None:
    before = os.umask(0)
    try:
        ring(paths).add("work", ONE)
    finally:
        os.umask(before)
    assert paths.keys.stat().st_mode & 0o777 == 0o600
    assert paths.config.stat().st_mode & 0o777 == 0o700


def test_loose_modes_are_repaired_and_said(paths: AppPaths) -> None:
    keys = ring(paths)
    keys.add("work", ONE)
    paths.keys.chmod(0o644)
    assert "could be read by others" in keys.repair()[0].title
    assert paths.keys.stat().st_mode & 0o777 == 0o600
    assert keys.repair() == ()
    paths.keys.chmod(0o644)
    keys.use("work")
    assert paths.keys.stat().st_mode & 0o777 == 0o600


def test_a_broken_file_is_said_without_its_content_and_kept(paths: AppPaths) -> None:
    paths.config.mkdir()
    paths.keys.write_text('[keys.work]\nkey = "sk-or-v1-secretsecret\n')
    keys = ring(paths)
    assert keys.find(DEFAULT_BASE_URL) is None
    problems = keys.repair()
    assert any("line 2" in p.detail for p in problems)
    assert "secretsecret" not in str(problems)
    keys.add("new", ONE)
    assert "secretsecret" in (paths.config / "keys.toml.bad").read_text()
    assert (paths.config / "keys.toml.bad").stat().st_mode & 0o777 == 0o600


def test_odd_entries_do_not_hide_the_others(paths: AppPaths) -> None:
    paths.config.mkdir()
    paths.keys.write_text(f'active = 3\n[keys]\nodd = 1\n[keys.work]\nkey = "{ONE.reveal()}"\nadded = 2026-01-02\n')
    found = ring(paths).find(DEFAULT_BASE_URL)
    assert found is not None
    assert found.secret == ONE
    paths.keys.write_text("keys = 3\n")
    assert ring(paths).names() == ()


def test_a_key_in_the_keyring_is_not_in_the_file(paths: AppPaths) -> None:
    vault = PretendVault()
    keys = ring(paths, vault=vault)
    keys.add("work", ONE, store="keyring")
    assert ONE.reveal() not in paths.keys.read_text()
    found = keys.find(DEFAULT_BASE_URL, store="keyring")
    assert found is not None
    assert (found.secret, found.source) == (ONE, "keyring (work)")
    assert keys.names()[0].masked == ""
    assert ring(paths).find(DEFAULT_BASE_URL) is None
    keys.remove("work")
    assert vault.kept == {}


def test_without_a_keyring_that_choice_is_refused(paths: AppPaths) -> None:
    with pytest.raises(AppError) as caught:
        ring(paths).add("work", ONE, store="keyring")
    assert "account.key_store" in caught.value.problem.hint
    assert not paths.keys.exists()


def test_a_vault_that_refuses_is_said_without_its_words() -> None:
    vault = DesktopVault(PretendKeyring(refuses=True))
    with pytest.raises(AppError) as caught:
        vault.get("work")
    assert "secret" not in str(caught.value)
    open_vault = DesktopVault(PretendKeyring())
    open_vault.put("work", "x")
    assert open_vault.get("work") == "x"
    open_vault.drop("work")
    open_vault.drop("work")
    assert open_vault.get("work") is None


@pytest.mark.parametrize(
    "typed",
    [
        " sk-or-v1-abc ",
        "\ufeffsk-or-v1-abc\r\n",
        '"sk-or-v1-abc"',
        "' sk-or-v1-abc'\n",
        "Bearer sk-or-v1-abc",
        "`sk-or-v1-abc`",
    ],
)
def test_what_a_paste_brings_along_is_stripped(typed: str) -> None:
    assert clean_key(typed).reveal() == "sk-or-v1-abc"


@pytest.mark.parametrize("typed", ["", "  ", '""', "sk-or\nsk-or", "sk-or\x1b[0m", "sk-ör", "sk or", "sk-or\x00"])
def test_what_cannot_be_a_key_is_refused_without_repeating_it(typed: str) -> None:
    with pytest.raises(AppError) as caught:
        clean_key(typed)
    assert "sk" not in str(caught.value)


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("", "cannot be read"),
        ("'open", "cannot be read"),
        ("/nowhere/at/all", "No such file"),
        (f"{sys.executable} -c 'import sys; sys.exit(3)'", "status 3"),
        (f"{sys.executable} -c pass", "printed nothing"),
        (f"{sys.executable} -c 'import time; time.sleep(60)'", "no answer"),
    ],
)
def test_a_command_that_fails_says_why(command: str, why: str) -> None:
    with pytest.raises(AppError) as caught:
        run_key_command(command, timeout=10 if "sleep" not in command else 0.2)
    assert why in caught.value.problem.detail


def test_a_command_meets_no_shell(tmp_path: Path) -> None:
    out = run_key_command(f"{sys.executable} -c \"import sys; print(sys.argv[1])\" '$(touch {tmp_path}/x); a'")
    assert out.startswith("$(touch")
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("url", ["", "openrouter.ai", "https://", "https://[bad", "https://a:99999999/", "ftp://a"])
def test_what_is_no_address_has_no_origin(url: str) -> None:
    assert origin_of(url) == ""


def test_an_empty_environment_is_allowed(paths: AppPaths) -> None:
    assert KeyRing(paths, Environment()).find(DEFAULT_BASE_URL) is None


def test_the_keyring_counts_only_when_it_found_a_vault() -> None:
    keyring = pytest.importorskip("keyring")
    fail = pytest.importorskip("keyring.backends.fail")
    null = pytest.importorskip("keyring.backends.null")
    before = keyring.get_keyring()
    try:
        keyring.set_keyring(fail.Keyring())
        assert find_vault() is None
        keyring.set_keyring(null.Keyring())
        assert isinstance(find_vault(), DesktopVault)
    finally:
        keyring.set_keyring(before)
