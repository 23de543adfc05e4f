"""Where everything lies on disk."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

APP = "tui-router"


class AppPaths(NamedTuple):
    """The three folders and the files in them. Nothing is created by asking."""

    config: Path
    cache: Path
    log: Path

    @property
    def settings(self) -> Path:
        """Settings, as TOML."""
        return self.config / "settings.toml"

    @property
    def keys(self) -> Path:
        """Keys, as TOML, readable by the owner only."""
        return self.config / "keys.toml"

    @property
    def database(self) -> Path:
        """Conversations, drafts, votes and spend."""
        return self.config / "conversations.db"

    @property
    def themes(self) -> Path:
        """Folder of the user's own themes."""
        return self.config / "themes"

    @property
    def prompts(self) -> Path:
        """Folder of the user's own prompts."""
        return self.config / "prompts"

    @property
    def instances(self) -> Path:
        """Folder with one locked file for each running instance."""
        return self.config / "windows"

    @property
    def rate(self) -> Path:
        """Folder of what the running processes tell each other about requests: one file a key."""
        return self.config / "rate"

    @property
    def catalogue(self) -> Path:
        """The cached list of models."""
        return self.cache / "models.json"

    @property
    def log_file(self) -> Path:
        """The log."""
        return self.log / "tui-router.log"

    def for_demo(self) -> AppPaths:
        """Return paths of the same kind for the offline demo, apart from what is real."""
        return AppPaths(config=self.config / "demo", cache=self.cache / "demo", log=self.log)


def find_paths(config_dir: str | None, environ: Mapping[str, str]) -> AppPaths:
    """Return where things lie: ``--config-dir``, then ``TUI_ROUTER_CONFIG_DIR``, then the platform's folders.

    With a folder of one's own, cache and log live below it, so that nothing is written elsewhere.
    """
    chosen = config_dir or environ.get("TUI_ROUTER_CONFIG_DIR", "")
    if chosen:
        folder = Path(chosen).expanduser().absolute()
        return AppPaths(config=folder, cache=folder / "cache", log=folder / "log")
    import platformdirs  # not needed when the folder is given

    return AppPaths(
        config=platformdirs.user_config_path(APP),
        cache=platformdirs.user_cache_path(APP),
        log=platformdirs.user_log_path(APP),
    )
