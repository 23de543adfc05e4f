"""``tui-router completion``: scripts for bash, zsh and fish, made from the commands and their flags."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module

from tui_router.cli.entry import SHELL
from tui_router.cli.output import say, write

_WHERE = {
    "bash": 'eval "$(tui-router completion bash)"    # in ~/.bashrc',
    "zsh": 'eval "$(tui-router completion zsh)"     # in ~/.zshrc, after compinit',
    "fish": "tui-router completion fish > ~/.config/fish/completions/tui-router.fish",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """One option of a command."""

    names: tuple[str, ...]
    help: str
    choices: tuple[str, ...]
    takes_value: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What can be typed after one command; the app itself has the empty name."""

    command: str
    flags: tuple[Flag, ...]
    choices: tuple[str, ...]
    """Of its first argument; where there are none, files are offered."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the argument of ``completion``."""
    parser.add_argument("shell", choices=sorted(_WHERE), help="which shell")


def run(args: argparse.Namespace) -> int:
    """Print the script; a person who only looks at it is told where it goes."""
    make = {"bash": _bash, "zsh": _zsh, "fish": _fish}[args.shell]
    write(make(known_words()))
    if sys.stdout is not None and sys.stdout.isatty():
        say(f"# {_WHERE[args.shell]}")
    return 0


def known_words() -> tuple[Words, ...]:
    """Return every command with its flags, the app last."""
    paths = {name: shell.module for name, shell in SHELL.items()} | {"": "tui_router.cli.app"}
    return tuple(_words(name, path) for name, path in paths.items())


def _words(name: str, path: str) -> Words:
    parser = argparse.ArgumentParser()
    import_module(path).add_arguments(parser)
    flags = []
    choices: tuple[str, ...] = ()
    for action in parser._actions:
        offered = tuple(map(str, action.choices or ()))
        if action.option_strings:
            takes = action.nargs != 0
            about = (action.help or "").partition(";")[0]
            flags.append(Flag(names=tuple(action.option_strings), help=about, choices=offered, takes_value=takes))
        else:
            choices = choices or offered
    return Words(command=name, flags=tuple(flags), choices=choices)


def _names(words: Words) -> str:
    return " ".join(name for flag in words.flags for name in flag.names)


def _with_choices(known: tuple[Words, ...]) -> Iterator[tuple[str, str]]:
    """Yield (shell pattern over "command flag", the choices)."""
    for words in known:
        for flag in words.flags:
            if flag.choices:
                yield "|".join(f'"{words.command} {name}"' for name in flag.names), " ".join(flag.choices)


def _bash(known: tuple[Words, ...]) -> str:
    names = " ".join(SHELL)
    flags = "\n".join(f'      "{w.command}") words="{_names(w)}" ;;' for w in known)
    firsts = "\n".join(f'    "{w.command}") words="{" ".join(w.choices)}" ;;' for w in known if w.choices)
    values = "\n".join(
        f'    {pattern}) COMPREPLY=($(compgen -W "{choices}" -- "$current")); return ;;'
        for pattern, choices in _with_choices(known)
    )
    return f"""_tui_router() {{
  local current="${{COMP_WORDS[COMP_CWORD]}}" previous="${{COMP_WORDS[COMP_CWORD-1]}}" command="" words="" word
  for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    case "$word" in {"|".join(SHELL)}) command="$word"; break ;; esac
  done
  case "$command $previous" in
{values}
  esac
  if [[ "$current" == -* ]]; then
    case "$command" in
{flags}
    esac
    COMPREPLY=($(compgen -W "$words" -- "$current")); return
  fi
  case "$command" in
    "") words="{names}" ;;
{firsts}
  esac
  if [ -n "$words" ]; then COMPREPLY=($(compgen -W "$words" -- "$current")); return; fi
  compopt -o filenames 2>/dev/null
  local IFS=$'\\n'
  COMPREPLY=($(compgen -f -- "$current"))
}}
complete -F _tui_router tui-router"""


def _zsh(known: tuple[Words, ...]) -> str:
    commands = "\n".join(f"    '{n}:{_quiet(s.help)}'" for n, s in SHELL.items())
    flags = "\n".join(f'      "{w.command}") offered=({_names(w)}) ;;' for w in known)
    firsts = "\n".join(f'    "{w.command}") offered=({" ".join(w.choices)}) ;;' for w in known if w.choices)
    values = "\n".join(f"    {pattern}) compadd -- {choices}; return ;;" for pattern, choices in _with_choices(known))
    return f"""#compdef tui-router
_tui_router() {{
  local -a commands offered
  local command="" word
  commands=(
{commands}
  )
  for word in "${{(@)words[2,CURRENT-1]}}"; do
    case "$word" in {"|".join(SHELL)}) command="$word"; break ;; esac
  done
  case "$command ${{words[CURRENT-1]}}" in
{values}
  esac
  if [[ "${{words[CURRENT]}}" == -* ]]; then
    case "$command" in
{flags}
    esac
    compadd -- $offered; return
  fi
  if [[ -z "$command" ]]; then _describe command commands; return; fi
  case "$command" in
{firsts}
  esac
  if (( $#offered )); then compadd -- $offered; else _files; fi
}}
compdef _tui_router tui-router"""


def _fish(known: tuple[Words, ...]) -> str:
    names = " ".join(SHELL)
    lines = [
        f"complete -c tui-router -f -n 'not __fish_seen_subcommand_from {names}' -a {n} -d '{_quiet(s.help)}'"
        for n, s in SHELL.items()
    ]
    for words in known:
        seen = f"__fish_seen_subcommand_from {words.command}"
        when = f"complete -c tui-router -n '{seen if words.command else f'not __fish_seen_subcommand_from {names}'}'"
        if words.choices:
            lines.append(f"{when} -f -a '{' '.join(words.choices)}'")
        for flag in words.flags:
            spelled = " ".join(f"-l {n[2:]}" if n.startswith("--") else f"-s {n[1:]}" for n in flag.names)
            value = f" -x -a '{' '.join(flag.choices)}'" if flag.choices else " -r" if flag.takes_value else ""
            lines.append(f"{when} {spelled}{value} -d '{_quiet(flag.help)}'")
    return "\n".join(lines)


def _quiet(text: str) -> str:
    return text.replace("'", "").replace(":", " -").replace("%%", "%")
