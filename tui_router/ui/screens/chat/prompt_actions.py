"""Saved prompts: choose one, fill in its variables, use it as draft or system prompt, and save new ones."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from tui_router.domain.message import Role
from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.domain.prompt_template import INPUT, Template, fill
from tui_router.services.prompts import PromptLibrary, open_prompts, persona_text
from tui_router.services.startup import Services
from tui_router.ui.host import Host
from tui_router.ui.prompt.widget import Prompt
from tui_router.ui.screens.chat.controller import ChatController
from tui_router.ui.screens.dialogs import ConfirmDialog, TextDialog
from tui_router.ui.screens.search_dialog import ActionRow, SearchDialog

Values = dict[str, str]


class PromptActions:
    """Runs the commands on saved prompts. Methods raise ``AppError`` for mistakes of the user."""

    def __init__(self, host: Host, services: Services, controller: ChatController, prompt: Prompt) -> None:
        self._host = host
        self._controller = controller
        self._prompt = prompt
        self._catalog = services.core.catalog
        self._saved: PromptLibrary = open_prompts(services.paths, lambda: datetime.now(UTC))

    def use(self, name: str) -> None:
        """Load a saved prompt into the draft; typed text becomes its input, or follows it."""
        self._with_prompt(name, "Prompts", self._use)

    def use_as_system(self, name: str) -> None:
        """Make a saved prompt the system prompt of this conversation; ``none`` clears it."""
        if name in ("none", "off"):
            self._controller.presenter.chat.update(system="")
            self._host.tell("No system prompt")
        else:
            self._with_prompt(name, "Personas", self._use_as_system)

    def save(self, name: str) -> None:
        """Save the draft, or else the last question, under a name."""
        draft = self._prompt.pastes.expand(self._prompt.draft.text)
        if not draft.strip():
            questions = [m for m in self._controller.presenter.chat.thread if m.role is Role.USER]
            draft = questions[-1].text if questions else ""
        self._save(name, draft)

    def save_persona(self, name: str) -> None:
        """Save the system prompt of this conversation under a name."""
        self._save(name, self._controller.presenter.chat.conversation.system)

    def _with_prompt(self, name: str, title: str, act: Callable[[Template], None]) -> None:
        if name:
            act(self._saved.find(name))
            return
        known = self._saved.all()
        if not known:
            raise AppError(
                Problem(
                    kind=ErrorKind.USAGE,
                    title="No saved prompts yet",
                    detail=f"They are Markdown files in {self._saved.folder}",
                    hint="/save-prompt name saves the draft",
                )
            )
        rows = [ActionRow(id=t.name, text=t.name, detail=t.description or t.text[:200]) for t in known]
        dialog = SearchDialog(rows, title=title, placeholder="name or text")
        self._host.show_screen(dialog, lambda chosen: act(self._saved.find(chosen)) if chosen else None)

    def _use(self, template: Template) -> None:
        draft = self._prompt.draft
        typed = self._prompt.pastes.expand(draft.text)

        def done(values: Values) -> None:
            if template.model:
                self._controller.models.resolver.resolve(template.model, self._controller.models.use)
            if template.system:
                self._controller.presenter.chat.update(system=fill(template.system, values))
                self._host.tell(f"System prompt of “{template.name}” set for this conversation")
            text = template.filled(values)
            if typed.strip() and INPUT not in {v.name for v in template.variables}:
                text = f"{text}\n\n{typed}" if text.strip() else typed
            if text != typed:
                self._prompt.load(text, attachments=draft.attachments)
            self._prompt.focus()

        self._fill_in(template, self._saved.known_values(typed), done)

    def _use_as_system(self, template: Template) -> None:
        persona = Template(name=template.name, text=template.system or template.text)

        def done(values: Values) -> None:
            self._controller.presenter.chat.update(system=persona_text(persona, values))
            self._host.tell(f"System prompt: “{template.name}”, in this conversation")
            if template.model:
                self._controller.models.resolver.resolve(template.model, self._controller.models.use)

        self._fill_in(persona, self._saved.known_values(), done)

    def _fill_in(self, template: Template, values: Values, done: Callable[[Values], None]) -> None:
        """Ask for each variable in turn; Esc cancels without a change."""
        waiting = self._saved.to_ask(template, values)
        if not waiting:
            done(values)
            return
        variable, left = waiting[0], len(waiting) - 1

        def answered(text: str | None) -> None:
            if text is not None:
                self._fill_in(template, {**values, variable.name: text}, done)

        more = f"{template.name} · {left} more to fill in" if left else template.name
        self._host.show_screen(TextDialog(variable.name, more, value=variable.default), answered)

    def _save(self, name: str, text: str) -> None:
        if not text.strip():
            raise AppError(
                Problem(kind=ErrorKind.USAGE, title="There is nothing to save", hint="Write the prompt first")
            )
        if not name.strip():

            def named(typed: str | None) -> None:
                if typed and typed.strip():
                    self._save(typed, text)

            self._host.show_screen(TextDialog("Save as", "Variables such as {{name}} are filled in on use"), named)
            return

        def save(yes: bool | None) -> None:
            if yes:
                self._host.work(
                    lambda: self._saved.save(name, text),
                    lambda saved: self._host.tell(f"Saved as “{saved}”. /prompt {saved} uses it"),
                )

        if self._saved.exists(name):
            dialog = ConfirmDialog(f"Replace the prompt “{name.strip()}”?", yes="Replace", no="Keep it", danger=True)
            self._host.show_screen(dialog, save)
        else:
            save(True)
