"""What the answer cache holds, and how it is emptied."""

from __future__ import annotations

from tui_router.domain.settings import Settings
from tui_router.services.cache import AnswerCache
from tui_router.ui.host import Host

_WHERE = {
    "off": "It is off: /set cache.answers all turns it on",
    "shell": "It is on in the shell: /set cache.answers all turns it on here too",
    "all": "It is on",
}


def show_cache(words: str, answers: AnswerCache, settings: Settings, host: Host) -> None:
    """Say how many answers the cache holds; ``clear`` forgets them."""
    match words.strip().lower():
        case "clear":
            answers.clear()
            host.tell("The answer cache is empty")
        case "":
            count = answers.count()
            noun = "answer" if count == 1 else "answers"
            host.tell(f"The cache holds {count:,} {noun}. {_WHERE[settings.cache.answers]}. /cache clear forgets them")
        case _:
            host.tell("Use /cache, or /cache clear")
