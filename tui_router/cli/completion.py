"""``tui-router completion``: scripts for bash, zsh and fish, made from the commands and their flags."""

from __future__ import annotations

import argparse
from importlib import import_module

from tui_router.cli.entry import SHELL
from tui_router.cli.output import say, write

_WHERE = {
    "bash": 'eval "$(tui-router completion bash)"    # in ~/.bashrc',
    "zsh": 'eval "$(tui-router completion zsh)"     # in ~/.zshrc, after compinit',
    "fish": "tui-router completion fish > ~/.config/fish/completions/tui-router.fish",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the argument of ``completion``."""
    parser.add_argument("shell", choices=sorted(_WHERE), help="which shell")


def run(args: argparse.Namespace) -> int:
    """Print the script; standard error says where it goes."""
    make = {"bash": _bash, "zsh": _zsh, "fish": _fish}[args.shell]
    write(make(_flags()))
    say(f"# {_WHERE[args.shell]}")
    return 0


def _flags() -> dict[str, list[tuple[str, str]]]:
    """Return (flag, help) by command; the app itself is under the empty name."""
    modules = {"": "tui_router.cli.app"} | {name: shell.module for name, shell in SHELL.items()}
    found: dict[str, list[tuple[str, str]]] = {}
    for name, path in modules.items():
        parser = argparse.ArgumentParser()
        import_module(path).add_arguments(parser)
        found[name] = [
            (option, (action.help or "").partition(";")[0])
            for action in parser._actions
            for option in action.option_strings
            if option.startswith("--")
        ]
    return found


def _bash(flags: dict[str, list[tuple[str, str]]]) -> str:
    cases = "\n".join(f'    {name or "*"}) words="{" ".join(f for f, _ in pairs)}" ;;' for name, pairs in _last_first(flags))
    commands = " ".join(SHELL)
    return f"""_tui_router() {{
  local current="${{COMP_WORDS[COMP_CWORD]}}" words
  if [ "$COMP_CWORD" -eq 1 ] && [[ "$current" != -* ]]; then
    COMPREPLY=($(compgen -W "{commands}" -- "$current")); return
  fi
  if [[ "$current" != -* ]]; then COMPREPLY=($(compgen -f -- "$current")); return; fi
  case "${{COMP_WORDS[1]}}" in
{cases}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}}
complete -o filenames -F _tui_router tui-router"""


def _zsh(flags: dict[str, list[tuple[str, str]]]) -> str:
    commands = "\n".join(f"    '{n}:{_quiet(s.help)}'" for n, s in SHELL.items())
    cases = "\n".join(f"    {name or '*'}) flags=({' '.join(f for f, _ in pairs)}) ;;" for name, pairs in _last_first(flags))
    return f"""#compdef tui-router
_tui_router() {{
  local -a commands flags
  commands=(
{commands}
  )
  if (( CURRENT == 2 )) && [[ "$words[2]" != -* ]]; then _describe command commands; return; fi
  case "$words[2]" in
{cases}
  esac
  if [[ "$words[CURRENT]" == -* ]]; then compadd -- $flags; else _files; fi
}}
compdef _tui_router tui-router"""


def _fish(flags: dict[str, list[tuple[str, str]]]) -> str:
    names = " ".join(SHELL)
    lines = [
        f"complete -c tui-router -n 'not __fish_seen_subcommand_from {names}' -a {n} -d '{_quiet(s.help)}'"
        for n, s in SHELL.items()
    ]
    for name, pairs in flags.items():
        seen = f"__fish_seen_subcommand_from {name}" if name else f"not __fish_seen_subcommand_from {names}"
        lines += [f"complete -c tui-router -n '{seen}' -l {f[2:]} -d '{_quiet(h)}'" for f, h in pairs]
    return "\n".join(lines)


def _last_first(flags: dict[str, list[tuple[str, str]]]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the commands with the catch-all (the app itself) at the end."""
    return [(n, p) for n, p in flags.items() if n] + [("", flags[""])]


def _quiet(text: str) -> str:
    return text.replace("'", "").replace(":", " -").replace("%%", "%")
