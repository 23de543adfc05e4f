"""How a comparison begins: from a line-up, from the last one, or from what is stored in the conversation."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from tui_router.domain.problem import Kind, Problem, Trouble
from tui_router.services.chat import Chat
from tui_router.services.comparison import Comparison, batch_in_view, check_count, check_line_up
from tui_router.services.core import Core
from tui_router.services.preferences import Preferences
from tui_router.ui.host import Host
from tui_router.ui.prompt.pastes import FoldRule
from tui_router.ui.prompt.widget import Prompt
from tui_router.ui.screens.compare.hidden import is_hidden
from tui_router.ui.screens.compare.screen import CompareScreen
from tui_router.ui.screens.compare.setting import Dress, Setting
from tui_router.ui.themes import transcript_styles, without_color
from tui_router.ui.transcript.look import Look


class Comparing:
    """Opens comparisons. ``done`` is called with the kept message's id, or ``None``."""

    def __init__(
        self,
        core: Core,
        preferences: Preferences,
        host: Host,
        *,
        pick_model: Callable[[Callable[[str], None]], None],
        done: Callable[[str | None], None],
        prompt: Prompt | None = None,
    ) -> None:
        """Take what opening needs; the prompt of the lanes knows what ``prompt`` knows: commands and history."""
        self._core = core
        self._preferences = preferences
        self._host = host
        self._pick_model = pick_model
        self._done = done
        self._prompt = prompt

    def start(self, chat: Chat, typed: Sequence[str], *, blind: bool = False) -> CompareScreen:
        """Open lanes for a line-up as a person names it, where the conversation is; raises ``Trouble``."""
        ids = check_line_up(self.named(typed), self._core.catalog.resolve)
        return self._open(Comparison.fresh(chat, ids), blind=blind)

    def named(self, typed: Sequence[str]) -> tuple[str, ...]:
        """Return the names of a line-up, those of a saved one where its name was typed; raises ``Trouble``."""
        wanted = typed[0].strip().lower() if len(typed) == 1 else ""
        found = next((n for n in self._core.lineups.named() if n.name.lower() == wanted), None)
        return check_count(found.models if found is not None else typed)

    def start_last(self, chat: Chat) -> CompareScreen | None:
        """Open lanes for the line-up that ran last; ``None`` when there was none."""
        last = self._core.lineups.last()
        return self.start(chat, last.models) if last is not None else None

    def reopen(self, chat: Chat, batch: str = "") -> CompareScreen:
        """Open the lanes of a stored comparison: that one, or the last on the path in view; raises ``Trouble``."""
        found = batch or batch_in_view(chat)
        if not found:
            hint = "F3 starts one"
            raise Trouble(Problem(kind=Kind.USAGE, title="There is no comparison in this conversation", hint=hint))
        veiled = is_hidden(self._core, found)
        comparison = Comparison.reopened(chat, found)
        if veiled:
            comparison.shuffle()
        return self._open(comparison, veiled=veiled)

    def _open(self, comparison: Comparison, *, blind: bool = False, veiled: bool = False) -> CompareScreen:
        prompt = self._preferences.current.prompt
        setting = Setting(
            core=self._core,
            host=self._host,
            pick_model=self._pick_model,
            dress=self._dress,
            listen=lambda changed: self._preferences.listen(lambda before, after: changed()),
        )
        screen = CompareScreen(
            setting,
            comparison,
            blind=blind,
            veiled=veiled,
            fold=FoldRule(lines=prompt.fold_paste_lines, chars=prompt.fold_paste_chars),
            vim=prompt.vim,
        )
        if self._prompt is not None:
            screen.box.prompt.learn_from(self._prompt)
        self._host.show_screen(screen, self._done)
        return screen

    def _dress(self) -> Dress:
        look = self._preferences.current.look
        palette, _ = self._preferences.palette()
        if os.environ.get("NO_COLOR"):
            palette = without_color(palette)
        motion = look.motion and os.environ.get("TEXTUAL_ANIMATIONS") != "none"
        return Dress(
            styles=transcript_styles(palette),
            look=Look(density=look.density, timestamps=look.timestamps, reasoning=look.reasoning, motion=motion),
            widest=look.width,
        )
