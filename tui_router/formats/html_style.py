"""The style sheet of the HTML export; light or dark as the reader's system prefers."""

from __future__ import annotations

_LIGHT_CODE = "friendly"
_DARK_CODE = "nord"

_BASE_SHEET = """
:root {
  --page: #fbfbf9; --card: #ffffff; --text: #1f2328; --quiet: #5f6b76; --line: #dfe3e6;
  --user: #2f6f8f; --model: #7a4fa3; --code: #f3f4f2; --warn: #9a3412; --link: #0b63b3; --kept: #2d7a46;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #16181d; --card: #1d2026; --text: #e3e6ea; --quiet: #98a2ad; --line: #333a44;
    --user: #7cc0dd; --model: #c8a4ea; --code: #23272f; --warn: #f0a57e; --link: #82b8f2; --kept: #82cf9a;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; padding: 2rem 1rem 4rem; background: var(--page); color: var(--text);
  font: 16px/1.6 system-ui, -apple-system, "Segoe UI", "Noto Sans", sans-serif;
}
body > header, main > article, main > p, footer { max-width: 48rem; margin-inline: auto; }
body > header { margin-bottom: 2rem; border-bottom: 1px solid var(--line); }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .25rem; overflow-wrap: anywhere; }
body > header p, footer, .facts { color: var(--quiet); font-size: .82rem; margin: .1rem 0; }
article { margin-block: 1.75rem; }
article > header { margin-bottom: .5rem; }
article h2 { font-size: .95rem; margin: 0; color: var(--model); overflow-wrap: anywhere; }
article.user h2, article.system h2, article.tool h2 { color: var(--user); }
article.user, article.system { border-left: 3px solid var(--user); padding-left: 1rem; }
.text { overflow-wrap: anywhere; }
.text > :first-child { margin-top: 0; } .text > :last-child { margin-bottom: 0; }
.text h1, .text h2, .text h3, .text h4 { font-size: 1.1rem; color: inherit; margin: 1.4em 0 .4em; }
.text h1 { font-size: 1.3rem; } .text h2 { font-size: 1.2rem; }
a { color: var(--link); overflow-wrap: anywhere; }
pre, code { font-family: ui-monospace, "Cascadia Code", "DejaVu Sans Mono", Menlo, monospace; font-size: .88em; }
code { background: var(--code); padding: .1em .3em; border-radius: .25em; }
pre { background: var(--code); padding: .8rem 1rem; border-radius: .5rem; overflow-x: auto; line-height: 1.45; }
pre code { background: none; padding: 0; }
blockquote { margin-inline: 0; padding-left: 1rem; border-left: 3px solid var(--line); color: var(--quiet); }
.table { overflow-x: auto; }
table { border-collapse: collapse; font-size: .92em; }
th, td { border: 1px solid var(--line); padding: .35rem .6rem; text-align: left; vertical-align: top; }
th { background: var(--code); }
details { margin: .6rem 0; border: 1px solid var(--line); border-radius: .5rem; padding: .4rem .8rem; }
summary { cursor: pointer; color: var(--quiet); font-size: .9rem; overflow-wrap: anywhere; }
details blockquote, details p { overflow-wrap: anywhere; }
img { max-width: 100%; height: auto; border-radius: .5rem; } figure { margin: .6rem 0; }
hr { border: 0; border-top: 1px solid var(--line); }
.sources { font-size: .85rem; color: var(--quiet); border-top: 1px solid var(--line); padding-top: .5rem; }
.ending { color: var(--warn); font-weight: 600; border-left: 3px solid var(--warn); padding-left: .8rem; }
.label { color: var(--quiet); }
.tag {
  font-size: .75rem; font-weight: 500; border: 1px solid var(--line); border-radius: 1rem; padding: .05rem .5rem;
  color: var(--quiet);
}
.lanes {
  display: grid; grid-auto-flow: column; grid-auto-columns: minmax(min(22rem, 88vw), 1fr); gap: 1rem;
  max-width: 110rem; margin: 1.75rem auto; overflow-x: auto; align-items: start; padding-bottom: .5rem;
}
.lanes > article {
  margin: 0; background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: 1rem; min-width: 0;
}
.lanes > article.kept { border-color: var(--kept); }
.kept h2 .tag { color: var(--kept); border-color: var(--kept); }
footer { border-top: 1px solid var(--line); margin-top: 3rem; padding-top: .5rem; }
@media print { .lanes { grid-auto-flow: row; } body { padding: 0; } }
""".strip()


def style_sheet() -> str:
    """Return the style sheet, including the colours of highlighted code."""
    from pygments.formatters import HtmlFormatter  # slow to import

    light = _code_rules(HtmlFormatter(style=_LIGHT_CODE))
    dark = _code_rules(HtmlFormatter(style=_DARK_CODE))
    colours = "\n".join(
        f"@media (prefers-color-scheme: {scheme}) {{\n{rules}\n}}"
        for scheme, rules in (("light", light), ("dark", dark))
    )
    return f"{_BASE_SHEET}\n{colours}"


def _code_rules(formatter: object) -> str:
    rules = str(formatter.get_style_defs("pre code"))  # type: ignore[attr-defined]
    # Keep only token colours: the page styles the block itself, and has no line numbers.
    return "\n".join(r for r in rules.splitlines() if r.startswith("pre code ."))
