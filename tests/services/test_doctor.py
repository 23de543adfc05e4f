"""The doctor says what is wrong and what to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tui_router.domain.account import Health, KeyInfo
from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.domain.secret import Secret
from tui_router.domain.settings import NetworkSettings, Settings
from tui_router.services.doctor import Check, CheckState, Doctor, TerminalFacts, terminal_checks, worst
from tui_router.storage.keys import FoundKey
from tui_router.storage.paths import find_paths

NOW = datetime(2026, 6, 1, tzinfo=UTC)
KEY = FoundKey(secret=Secret("sk-or-v1-0123456789"), source="keys file (default)", base_url="https://openrouter.ai")
WELL = Health(reachable=True, latency=0.12, key=KeyInfo(usage=Decimal(1)), detail="The key is accepted")
TROUBLE = Problem(
    kind=ErrorKind.STORAGE, title="The disk is full", detail="sk-or-v1-abcdefghijkl", hint="Free some space"
)


def fails() -> Any:
    raise AppError(TROUBLE)


def checks(
    folder: Path,
    *,
    key: Callable[[], FoundKey | None] = lambda: KEY,
    health: Health = WELL,
    environ: Mapping[str, str] | None = None,
    network: NetworkSettings | None = None,
    database: Callable[[], Sequence[Problem]] = lambda: (),
    server_time: datetime | None = None,
    terminal: TerminalFacts | None = None,
    free: Callable[[Path], int] = lambda path: 10 * 1024**3,
) -> dict[str, Check]:
    doctor = Doctor(
        paths=find_paths(str(folder), {}),
        settings=Settings(network=network or NetworkSettings()),
        environ=environ or {},
        find_key=key,
        health=lambda: health,
        database=database,
        now=lambda: NOW,
        server_time=lambda: server_time,
        terminal=terminal,
        free_space=free,
    )
    return {c.name: c for c in doctor.run()}


def test_all_is_well(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    found = checks(tmp_path, server_time=NOW)
    assert {c.state for c in found.values()} == {CheckState.OK}
    assert found["key"].detail == "sk-or-…6789 from keys file (default)"
    assert found["network"].detail.endswith("answered in 120 ms")
    assert found["clock"].detail == "Within 0 s of the service"
    assert found["disk"].detail.startswith("10.0 GB free")
    assert worst(tuple(found.values())) is CheckState.OK


def test_no_key_and_a_failing_key_command_are_bad(tmp_path: Path) -> None:
    assert checks(tmp_path, key=lambda: None)["key"].state is CheckState.BAD
    broken = checks(tmp_path, key=fails)["key"]
    assert broken.state is CheckState.BAD
    assert "abcdefgh" not in broken.detail


def test_without_a_network_the_account_is_not_judged(tmp_path: Path) -> None:
    found = checks(tmp_path, health=Health(reachable=False, detail="No network."))
    assert found["network"].state is CheckState.BAD
    assert "account" not in found


def test_a_slow_network_is_a_warning(tmp_path: Path) -> None:
    assert (
        checks(tmp_path, health=Health(reachable=True, latency=3.0, key=KeyInfo()))["network"].state is CheckState.WARN
    )


@pytest.mark.parametrize(
    ("health", "state"),
    [
        (Health(reachable=True, detail="The key was not accepted"), CheckState.BAD),
        (Health(reachable=True, key=KeyInfo(is_management=True)), CheckState.BAD),
        (Health(reachable=True, key=KeyInfo(limit=Decimal(1), limit_remaining=Decimal(0))), CheckState.WARN),
    ],
)
def test_a_key_that_cannot_chat_is_said(tmp_path: Path, health: Health, state: CheckState) -> None:
    assert checks(tmp_path, health=health)["account"].state is state


def test_without_a_key_the_account_is_only_a_warning(tmp_path: Path) -> None:
    assert checks(tmp_path, key=lambda: None, health=Health(reachable=True))["account"].state is CheckState.WARN


def test_a_proxy_is_named_without_its_password(tmp_path: Path) -> None:
    found = checks(tmp_path, environ={"HTTPS_PROXY": "http://user:pass@proxy.example:3128"})["proxy"]
    assert found.detail == "http://proxy.example:3128 from HTTPS_PROXY"
    chosen = checks(tmp_path, network=NetworkSettings(proxy="socks5://localhost"))["proxy"]
    assert chosen.detail == "socks5://localhost from network.proxy"
    assert checks(tmp_path, network=NetworkSettings(proxy="nonsense"))["proxy"].state is CheckState.BAD


def test_certificates_are_looked_at(tmp_path: Path) -> None:
    bundle = tmp_path / "ca.pem"
    assert checks(tmp_path, network=NetworkSettings(ca_bundle=str(bundle)))["tls"].state is CheckState.BAD
    bundle.write_text("")
    assert str(bundle) in checks(tmp_path, environ={"SSL_CERT_FILE": str(bundle)})["tls"].detail
    refused = Health(reachable=False, detail="The certificate was not accepted.")
    assert checks(tmp_path, health=refused)["tls"].state is CheckState.BAD
    local = NetworkSettings(base_url="http://127.0.0.1:8000/v1")
    assert "Not used" in checks(tmp_path, network=local)["tls"].detail


@pytest.mark.parametrize(
    ("seconds", "state", "words"),
    [(-90, CheckState.WARN, "90 s fast"), (90, CheckState.WARN, "90 s slow"), (4000, CheckState.BAD, "4,000 s slow")],
)
def test_a_wrong_clock_is_said(tmp_path: Path, seconds: int, state: CheckState, words: str) -> None:
    found = checks(tmp_path, server_time=NOW + timedelta(seconds=seconds))["clock"]
    assert (found.state, found.detail) == (state, words)


def test_little_space_and_an_unreadable_disk_are_warnings(tmp_path: Path) -> None:
    assert checks(tmp_path, free=lambda path: 1000)["disk"].state is CheckState.WARN

    def unreadable(path: Path) -> int:
        raise OSError(5, "Input/output error")

    assert "Input/output" in checks(tmp_path, free=unreadable)["disk"].detail


def test_a_folder_that_others_can_read_is_a_warning(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    found = checks(tmp_path)["privacy"]
    assert found.state is CheckState.WARN
    assert found.hint == f"chmod 700 {tmp_path}"


def test_a_folder_that_is_not_there_yet_is_no_failure(tmp_path: Path) -> None:
    found = checks(tmp_path / "not" / "yet")
    assert found["privacy"].state is CheckState.OK
    assert found["disk"].state is CheckState.OK


def test_the_database_says_what_happened_to_it(tmp_path: Path) -> None:
    assert checks(tmp_path, database=lambda: (TROUBLE,))["conversations"].state is CheckState.WARN
    assert checks(tmp_path, database=fails)["conversations"].state is CheckState.BAD


def test_a_good_terminal_has_five_good_lines(tmp_path: Path) -> None:
    facts = TerminalFacts(
        is_terminal=True,
        term="xterm-256color",
        program="tmux",
        columns=120,
        rows=40,
        encoding="UTF-8",
        colors=16_777_216,
        tells_shift_enter=True,
        copies=True,
    )
    found = checks(tmp_path, terminal=facts)
    assert found["terminal"].detail == "xterm-256color in tmux, 120×40"
    assert [found[n].state for n in ("terminal", "encoding", "colours", "keys", "clipboard")] == [CheckState.OK] * 5


def test_a_poor_terminal_gets_advice() -> None:
    facts = TerminalFacts(
        is_terminal=True,
        term="dumb",
        columns=20,
        rows=5,
        encoding="ascii",
        colors=8,
        tells_shift_enter=False,
        copies=False,
    )
    found = {c.name: c for c in terminal_checks(facts)}
    assert found["terminal"].state is CheckState.BAD
    assert found["encoding"].state is found["colours"].state is found["clipboard"].state is CheckState.WARN
    assert "Ctrl+J" in found["keys"].hint
    small = TerminalFacts(is_terminal=True, term="xterm", columns=20, rows=5)
    assert [c.state for c in terminal_checks(small)] == [CheckState.WARN]
    assert [c.state for c in terminal_checks(TerminalFacts(is_terminal=False))] == [CheckState.WARN]


def test_the_worst_counts() -> None:
    ok, warn, bad = (Check(name="x", state=s, detail="") for s in (CheckState.OK, CheckState.WARN, CheckState.BAD))
    assert worst([]) is CheckState.OK
    assert worst([ok, warn]) is CheckState.WARN
    assert worst([warn, bad, ok]) is CheckState.BAD


def test_it_says_where_the_log_is_and_how_much_is_in_it(tmp_path: Path) -> None:
    found = checks(tmp_path)["log"]
    assert found.state is CheckState.OK
    assert "tui-router.log, level " in found.detail
