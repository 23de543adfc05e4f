"""Commands on the account: sign-in, spending, budgets, context, cache and health check."""

from __future__ import annotations

from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.ui.command import command
from tui_router.ui.commands.context import CommandContext


@command("account.login", "Sign in", "With the browser, a code, or a pasted key", slash=("login",))
def login(ctx: CommandContext, words: str) -> None:
    """Show the ways to sign in."""
    ctx.chat.account.show_sign_in()


@command("account.logout", "Sign out", "Forget the key in use", slash=("logout",))
def logout(ctx: CommandContext, words: str) -> None:
    """Forget the stored key."""
    ctx.chat.account.sign_out()


@command(
    "account.cost",
    "Cost",
    "Where the money went: sums, days, models, waste, what if, and what the key says",
    slash=("cost",),
    takes="[today | month | by-model | waste | what-if | key]",
)
def cost(ctx: CommandContext, words: str) -> None:
    """Show the spending report."""
    ctx.chat.account.show_cost(words)


@command("account.credits", "Credit left", "What this key may still spend", slash=("credits", "balance"))
def credits_left(ctx: CommandContext, words: str) -> None:
    """Show the remaining credit."""
    ctx.chat.account.show_credits()


@command(
    "account.budget",
    "Budget",
    "Stop at so many dollars a day, a month or a conversation; alone, what is left",
    slash=("budget",),
    takes="[amount/day | /month | /conversation | off]",
)
def budget(ctx: CommandContext, words: str) -> None:
    """Show or set the budgets."""
    ctx.chat.account.set_budget(words)


@command("account.context", "Context", "What fills the window", slash=("context", "tokens"))
def context(ctx: CommandContext, words: str) -> None:
    """Show what fills the context window."""
    ctx.chat.account.show_context(ctx.chat.prompt.draft.parts)


@command(
    "account.compact",
    "Summarise the oldest turns",
    "Goes on with a summary in their place; the turns stay in the tree",
    slash=("compact", "summarize"),
    takes="[undo]",
)
def compact(ctx: CommandContext, words: str) -> None:
    """Replace the oldest turns with a summary in requests, or undo the last summary."""
    match words.strip().lower():
        case "":
            ctx.chat.sender.compact()
        case "undo":
            ctx.app.tell(
                "The older turns are sent again"
                if ctx.chat.navigation.undo_summary()
                else "There is no summary to undo"
            )
        case unknown:
            raise AppError(
                Problem(
                    kind=ErrorKind.USAGE,
                    title=f"/compact does not know {unknown}",
                    hint="/compact alone summarises, /compact undo takes it back; nothing was sent",
                )
            )


@command(
    "account.cache",
    "Answer cache",
    "How many answers it holds, or forget them all; /set cache.answers turns it on",
    slash=("cache",),
    takes="[clear]",
)
def cache(ctx: CommandContext, words: str) -> None:
    """Show the size of the answer cache, or clear it."""
    ctx.chat.account.show_cache(words)


@command("account.doctor", "Health check", "Key, network, disk, database, terminal", slash=("doctor",))
def doctor(ctx: CommandContext, words: str) -> None:
    """Run the health checks and show the results."""
    ctx.chat.account.show_doctor()


COMMANDS = (login, logout, cost, credits_left, budget, context, compact, cache, doctor)
