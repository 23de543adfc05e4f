"""Links lead where they say."""

from __future__ import annotations

import pytest

from tui_router.domain.problem import AppError
from tui_router.ui.links import has_browser, open_link, read_target


class Browser:
    """Remembers what it was asked to open."""

    def __init__(self) -> None:
        self.opened: list[str] = []

    def open(self, url: str) -> bool:
        self.opened.append(url)
        return True


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd", "javascript:alert(1)", "data:text/html,x", "ssh://host", "//host", "host", "",
        "https://", "http://[", "https://a b", "https://a\x1b]52;c;x\x07", "https://a:99999/", "-version",
    ],
)  # fmt: skip
def test_anything_but_web_and_mail_is_refused(url: str) -> None:
    browser = Browser()
    with pytest.raises(AppError):
        open_link(url, {}, browser.open)
    assert browser.opened == []


def test_the_true_machine_is_named() -> None:
    target = read_target("https://google.com@evil.example/path?q=1#x")
    assert target.host == "evil.example"
    assert target.url == "https://evil.example/path?q=1#x"
    assert "evil.example" in target.warning


def test_letters_that_look_alike_are_shown_as_what_they_are() -> None:
    target = read_target("https://gооgle.com/ü")
    assert target.host.startswith("xn--")
    assert target.url.isascii()
    assert "other letters" in target.sentence()


def test_a_good_link_is_opened_as_it_is() -> None:
    browser = Browser()
    url = "https://openrouter.ai:8443/models?q=a%20b"
    assert open_link(url, {}, browser.open).url == url
    assert browser.opened == [url]


def test_mail_opens() -> None:
    assert read_target("mailto:a@b.example").host == "a@b.example"


def test_without_a_browser_the_address_is_told() -> None:
    with pytest.raises(AppError, match="No browser here"):
        open_link("https://example.com", {"TERM": "xterm"})
    assert has_browser({"DISPLAY": ":0"}, "linux")
    assert has_browser({}, "darwin")
    assert not has_browser({}, "linux")
