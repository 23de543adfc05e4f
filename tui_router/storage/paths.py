"""Paths of all files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

APP = "tui-router"


class AppPaths(NamedTuple):
    """The three folders of the program and the files in them. Reading a path creates nothing."""

    config: Path
    cache: Path
    log: Path

    @property
    def settings(self) -> Path:
        """Settings (TOML)."""
        return self.config / "settings.toml"

    @property
    def keys(self) -> Path:
        """API keys (TOML), readable by the owner only."""
        return self.config / "keys.toml"

    @property
    def database(self) -> Path:
        """The database: conversations, drafts, votes and charges."""
        return self.config / "conversations.db"

    @property
    def themes(self) -> Path:
        """Folder of the user's themes."""
        return self.config / "themes"

    @property
    def prompts(self) -> Path:
        """Folder of the user's prompts."""
        return self.config / "prompts"

    @property
    def instances(self) -> Path:
        """Folder with one locked file per running instance."""
        return self.config / "windows"

    @property
    def rate(self) -> Path:
        """Folder of the shared rate limits: one file per API key."""
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
        """Return the paths of the offline demo, separate from real data."""
        return AppPaths(config=self.config / "demo", cache=self.cache / "demo", log=self.log)


def find_paths(config_dir: str | None, environ: Mapping[str, str]) -> AppPaths:
    """Return the paths below ``--config-dir``, else ``TUI_ROUTER_CONFIG_DIR``, else the folders of the platform.

    A custom folder contains cache and log too, so nothing is written elsewhere.
    """
    chosen = config_dir or environ.get("TUI_ROUTER_CONFIG_DIR", "")
    if chosen:
        folder = Path(chosen).expanduser().absolute()
        return AppPaths(config=folder, cache=folder / "cache", log=folder / "log")
    import platformdirs  # not needed for a custom folder

    return AppPaths(
        config=platformdirs.user_config_path(APP),
        cache=platformdirs.user_cache_path(APP),
        log=platformdirs.user_log_path(APP),
    )
