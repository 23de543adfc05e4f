"""Base URLs, keys, headers and connections."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tui_router.domain.problem import AppError, ErrorKind
from tui_router.domain.secret import Secret
from tui_router.openrouter import AppIdentity
from tui_router.openrouter.transport import Transport, check_base_url, check_key


@pytest.mark.parametrize(
    ("typed", "used"),
    [
        ("https://openrouter.ai/api/v1", "https://openrouter.ai/api/v1"),
        (" https://openrouter.ai/api/v1/ ", "https://openrouter.ai/api/v1"),
        ("http://localhost:8080/v1", "http://localhost:8080/v1"),
        ("http://127.0.0.2:1", "http://127.0.0.2:1"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_valid_base_urls_are_accepted(typed: str, used: str) -> None:
    assert check_base_url(typed) == used


@pytest.mark.parametrize(
    "typed",
    ["", "openrouter.ai", "ftp://x", "http://example.org/v1", "https://", "https://a:b@c", "https://a/?q", "https://a/#f",
     "https://a:99999", "https://[::1", "https://a b", "https://ä.org", "http://127.0.0.1.evil.org"],
)  # fmt: skip
def test_invalid_base_urls_are_refused(typed: str) -> None:
    with pytest.raises(AppError) as caught:
        check_base_url(typed)
    assert caught.value.problem.kind is ErrorKind.SETTINGS
    assert caught.value.problem.detail


def test_a_password_in_a_base_url_is_not_shown() -> None:
    with pytest.raises(AppError) as caught:
        check_base_url("https://user:hunter2@example.org")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("typed", ["", "  ", "sk-or\nX: y", "sk-or-é", "sk or", "sk\x00"])
def test_invalid_keys_are_refused_and_not_shown(typed: str) -> None:
    with pytest.raises(AppError) as caught:
        check_key(Secret(typed))
    assert "sk" not in caught.value.problem.sentence()


def test_invalid_header_characters_are_removed() -> None:
    app = AppIdentity(referer="", title="tüi\r\nX-Evil: 1", categories=("a", "b", "c"))
    assert app.headers() == {
        "X-OpenRouter-Title": "ti X-Evil: 1",
        "X-Title": "ti X-Evil: 1",
        "X-OpenRouter-Categories": "a,b",
    }


def test_unreadable_certificates_raise(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("nothing")
    for name in ("ca.pem", "missing.pem"):
        transport = Transport("https://127.0.0.1:1", ca_bundle=str(tmp_path / name))
        with pytest.raises(AppError) as caught:
            transport.acquire()
        assert caught.value.problem.title == "The trusted certificates cannot be read"


def test_an_invalid_proxy_raises() -> None:
    with pytest.raises(AppError) as caught:
        Transport("https://127.0.0.1:1", proxy="nonsense://x").acquire()
    assert caught.value.problem.title == "The proxy cannot be used"


def test_connections_are_reused_until_the_transport_closes() -> None:
    transport = Transport("http://127.0.0.1:1")
    first, second = transport.acquire(), transport.acquire()
    transport.release(first)
    assert transport.acquire() is first
    transport.release(first)
    transport.close()
    transport.release(second)
    assert transport.site == "http://127.0.0.1:1"


def test_loading_httpx_skips_its_command_line_but_leaves_it_importable() -> None:
    code = (
        "import sys; from tui_router.openrouter.transport import load_httpx; load_httpx(); load_httpx()\n"
        "print('httpx' in sys.modules, 'httpx._main' in sys.modules, 'rich' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False", "False"]
