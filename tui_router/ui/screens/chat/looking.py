"""What is laid over or beside the conversation to look at it: lists, tree, details, links, finding."""

from __future__ import annotations

import os
from collections.abc import Callable

from tui_router.services.wiring import Services
from tui_router.ui.host import Host
from tui_router.ui.links import open_link, read_target
from tui_router.ui.screens.chat.copying import Copying
from tui_router.ui.screens.chat.screen import ChatScreen
from tui_router.ui.screens.chat.talk import Talk
from tui_router.ui.screens.dialogs import ConfirmDialog


class Looking:
    """Opens what shows more than the conversation itself."""

    def __init__(
        self,
        screen: ChatScreen,
        services: Services,
        host: Host,
        talk: Talk,
        copying: Copying,
        opened: Callable[[str, str], None],
    ) -> None:
        self._screen = screen
        self._services = services
        self._host = host
        self._talk = talk
        self._copying = copying
        self._opened = opened

    def close(self) -> bool:
        """Close what lies beside the conversation; ``False`` when nothing does."""
        return False

    def open_link(self, url: str) -> None:
        """Open a link after its true target was shown."""
        target = read_target(url)
        dialog = ConfirmDialog("Open this link?", target.sentence(), yes="Open")
        self._host.show_screen(dialog, lambda yes: self._open(url) if yes else None)

    def _open(self, url: str) -> None:
        self._host.work(lambda: open_link(url, os.environ), lambda target: self._host.tell(f"Opened {target.url}"))
