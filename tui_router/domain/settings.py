"""Every setting of the program, in groups. The file, the form, ``/set`` and the README table read the specs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from decimal import Decimal
from typing import Any, NamedTuple

from tui_router.domain.options import ChatOptions
from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.domain.spec import Spec, spec, specs_of

DEFAULT_BASE_URL = "https://openrouter.ai/api/v1"
CUSTOM_TIER = r"([1-9][0-9]{0,5})/([1-9][0-9]{0,4})"
"""A tier typed as numbers: requests a minute, a slash, requests at once."""
AGE = r"[1-9][0-9]{0,4} ?[smhdw]"
"""An age as it is typed: ``90m``, ``12h``, ``7d``."""
DEFAULT_AGE = "30d"
"""How old a cached answer may be."""
PROJECT_URL = "https://github.com/tui-router/tui-router"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatSettings:
    """What a new conversation starts with."""

    model: str = spec(
        "Model of a new conversation; empty is the last one used", default="", env="OPENROUTER_DEFAULT_MODEL"
    )
    system: str = spec("System prompt of a new conversation", default="")
    max_tokens: int = spec(
        "Longest answer, always sent: credit is reserved for it",
        default=8192,
        minimum=1,
        maximum=1_000_000,
        unit="tokens",
    )
    titles: str = spec("Who makes titles: the first words, or a model", default="local", choices=("local", "model"))
    title_model: str = spec("Model that makes titles when asked to", default="openrouter/free")
    hints: bool = spec("Show each hint once", default=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class LookSettings:
    """How things look."""

    theme: str = spec("Colours; shown as you choose", default="midnight", live=True)
    density: str = spec("Space between turns", default="comfortable", choices=("comfortable", "compact"))
    timestamps: bool = spec("Show when each turn was made", default=False)
    reasoning: str = spec("Thinking blocks at first", default="folded", choices=("folded", "open", "hidden"))
    width: int = spec("Widest line of text; 0 is the whole pane", default=100, minimum=0, maximum=400, unit="cells")
    sidebar: bool = spec("Show the conversations beside the chat", default=False)
    motion: bool = spec("Spinners and blinking", default=True)
    mouse: bool = spec("Take the mouse; off leaves it to the terminal (from the next start)", default=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptSettings:
    """How the prompt behaves."""

    vim: bool = spec("Vim keys in the prompt", default=False)
    fold_paste_lines: int = spec("Fold a paste of more lines than this", default=12, minimum=1, unit="lines")
    fold_paste_chars: int = spec(
        "Fold a paste of more characters than this", default=4000, minimum=100, unit="characters"
    )
    editor: str = spec("Editor for Ctrl+G; empty is $VISUAL, then $EDITOR", default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkSettings:
    """How the service is reached."""

    base_url: str = spec(
        "Address of the service: https, or http on this machine", default=DEFAULT_BASE_URL, env="OPENROUTER_BASE_URL"
    )
    connect_timeout: float = spec("Wait for a connection", default=10.0, minimum=0.1, maximum=600, unit="seconds")
    read_timeout: float = spec("Wait for the next byte", default=60.0, minimum=0.1, maximum=3600, unit="seconds")
    max_retries: int = spec("Tries after the first, before any token came", default=5, minimum=0, maximum=20)
    initial_delay: float = spec("First wait before trying again", default=2.0, minimum=0.5, maximum=60, unit="seconds")
    max_delay: float = spec("Longest wait of its own", default=60.0, minimum=0.5, maximum=600, unit="seconds")
    multiplier: float = spec("Growth of the wait", default=2.0, minimum=1, maximum=10)
    tier: str = spec(
        "Requests a minute and at once: free 20/5, standard 200/50, pro 1000/100",
        default="auto",
        choices=("auto", "free", "standard", "pro", "unlimited"),
        pattern=CUSTOM_TIER,
        example="requests a minute and at once such as 30/3",
    )
    proxy: str = spec("Proxy address; empty is what the environment says", default="")
    ca_bundle: str = spec("File of trusted certificates; empty is the built-in list", default="")
    referer: str = spec("Address of this app as the service lists it (HTTP-Referer)", default=PROJECT_URL)
    title: str = spec("Name of this app as the service lists it", default="tui-router")
    categories: tuple[str, ...] = spec("Categories of this app, at most 2", default=("general-chat",))


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSettings:
    """Where the key comes from."""

    key_command: str = spec("Command that prints the key, e.g. pass show openrouter", default="")
    key_store: str = spec("Where a new key is kept", default="file", choices=("file", "keyring"))


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneySettings:
    """Guards on spending, in dollars. Zero is no limit."""

    warn_above: Decimal = spec("Ask before a turn that may cost more", default=Decimal("0.50"), minimum=0, unit="$")
    daily_budget: Decimal = spec("Stop when this much is spent in a day", default=Decimal(0), minimum=0, unit="$")
    monthly_budget: Decimal = spec("Stop when this much is spent in a month", default=Decimal(0), minimum=0, unit="$")
    conversation_budget: Decimal = spec(
        "Stop when this much is spent in a conversation", default=Decimal(0), minimum=0, unit="$"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheSettings:
    """Whether the same request is paid for twice."""

    answers: str = spec(
        "Answer the identical request from the store, at no cost: in the shell, or everywhere",
        default="off",
        choices=("off", "shell", "all"),
    )
    max_age: str = spec(
        "Ask again when the stored answer is older",
        default=DEFAULT_AGE,
        pattern=AGE,
        example="a number and s, m, h, d or w, such as 7d",
    )
    server: bool = spec(
        "Let the service answer the identical request from its own cache, for some minutes", default=False
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSettings:
    """The log file."""

    level: str = spec(
        "How much is logged", default="warning", choices=("debug", "info", "warning", "error"), env="LOG_LEVEL"
    )
    content: bool = spec(
        "Log questions and answers too, at level debug (keys stay masked; from the next start)", default=False
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings in force. Replaced whole on a change; readers keep no copy."""

    chat: ChatSettings = field(default_factory=ChatSettings)
    options: ChatOptions = field(default_factory=ChatOptions)
    look: LookSettings = field(default_factory=LookSettings)
    prompt: PromptSettings = field(default_factory=PromptSettings)
    network: NetworkSettings = field(default_factory=NetworkSettings)
    account: AccountSettings = field(default_factory=AccountSettings)
    money: MoneySettings = field(default_factory=MoneySettings)
    cache: CacheSettings = field(default_factory=CacheSettings)
    log: LogSettings = field(default_factory=LogSettings)
    keys: Mapping[str, str] = field(default_factory=dict)
    """The user's own keys: id of a command to keys, comma separated."""


GROUP_TITLES = {
    "chat": "Conversations",
    "options": "Request options",
    "look": "Look",
    "prompt": "Prompt",
    "network": "Network",
    "account": "Account",
    "money": "Money",
    "cache": "Cache",
    "log": "Log",
}
"""The groups with specs, in the order of the settings screen."""


class Setting(NamedTuple):
    """A setting by its place: ``look`` / ``theme``."""

    group: str
    spec: Spec

    @property
    def path(self) -> str:
        """``look.theme``."""
        return f"{self.group}.{self.spec.name}"


def all_settings() -> Iterator[Setting]:
    """Yield every setting, in the order of the form."""
    for name in GROUP_TITLES:
        for declared in specs_of(type(getattr(Settings(), name))):
            yield Setting(name, declared)


def find_setting(path: str) -> Setting:
    """Return the setting of a path such as ``look.theme`` (or ``theme`` where that is unique)."""
    found = [s for s in all_settings() if path in (s.path, s.spec.name)]
    exact = [s for s in found if s.path == path] or found
    if len(exact) == 1:
        return exact[0]
    near = _near(path) if not exact else ", ".join(s.path for s in exact)
    raise AppError(
        Problem(
            kind=ErrorKind.SETTINGS,
            title=f"No setting is called {path}" if not exact else f"{path} is not unique",
            hint=f"Did you mean {near}?" if near else "See /settings for all of them",
        )
    )


def value_at(settings: Settings, path: str) -> Any:
    """Return the value of ``group.name``."""
    group, _, name = path.partition(".")
    return getattr(getattr(settings, group), name)


def with_value(settings: Settings, path: str, value: object) -> Settings:
    """Return settings with one value changed and checked; raises ``AppError`` when it does not fit."""
    setting = find_setting(path)
    group = getattr(settings, setting.group)
    changed = replace(group, **{setting.spec.name: setting.spec.check(value)})
    return replace(settings, **{setting.group: changed})


def group_names() -> tuple[str, ...]:
    """Return the names of all groups of ``Settings``, ``keys`` included."""
    return tuple(f.name for f in fields(Settings))


def _near(path: str) -> str:
    import difflib  # failure path only

    paths = [s.path for s in all_settings()]
    return ", ".join(difflib.get_close_matches(path, paths, n=3, cutoff=0.4))
