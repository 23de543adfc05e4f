"""Converts TeX formulas to readable Unicode; unsupported commands stay as written."""

from __future__ import annotations

import re

_TOKEN = re.compile(r"\\[A-Za-z]+\*?|\\.|[{}^_&]|[^\\{}^_&]", re.DOTALL)
_LOOKS_LIKE_MATHS = re.compile(r"[\\^_={}+<>|()*/]")
_ENVIRONMENT = re.compile(r"\\begin\{([a-z]+\*?)\}(?:\{[lcr|]*\})?(.*?)\\end\{\1\}", re.DOTALL)
_MOST = 4000
_DEEPEST = 30

_GREEK_NAMES = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau upsilon phi"
    " chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega varepsilon vartheta varpi varrho"
    " varsigma varphi"
)
_GREEK = dict(zip(_GREEK_NAMES.split(), "αβγδεζηθικλμνξοπρστυφχψωΓΔΘΛΞΠΣΥΦΨΩεϑϖϱςϕ", strict=True))

_SIGNS = {
    "times": "×", "cdot": "·", "div": "÷", "pm": "±", "mp": "∓", "ast": "∗", "star": "⋆", "circ": "∘", "bullet": "•",
    "leq": "≤", "le": "≤", "geq": "≥", "ge": "≥", "neq": "≠", "ne": "≠", "approx": "≈", "equiv": "≡", "sim": "∼",
    "simeq": "≃", "cong": "≅", "propto": "∝", "ll": "≪", "gg": "≫", "prec": "≺", "succ": "≻", "coloneqq": "≔",
    "in": "∈", "notin": "∉", "ni": "∋", "subset": "⊂", "subseteq": "⊆", "supset": "⊃", "supseteq": "⊇", "cup": "∪",
    "cap": "∩", "setminus": "∖", "emptyset": "∅", "varnothing": "∅", "forall": "∀", "exists": "∃", "nexists": "∄",
    "neg": "¬", "lnot": "¬", "land": "∧", "wedge": "∧", "lor": "∨", "vee": "∨", "oplus": "⊕", "otimes": "⊗",
    "sum": "∑", "prod": "∏", "coprod": "∐", "int": "∫", "iint": "∬", "iiint": "∭", "oint": "∮", "partial": "∂",
    "nabla": "∇", "infty": "∞", "hbar": "ℏ", "ell": "ℓ", "Re": "ℜ", "Im": "ℑ", "aleph": "ℵ", "wp": "℘", "angle": "∠",
    "to": "→", "rightarrow": "→", "leftarrow": "←", "gets": "←", "leftrightarrow": "↔", "uparrow": "↑",
    "downarrow": "↓", "Rightarrow": "⇒", "Leftarrow": "⇐", "Leftrightarrow": "⇔", "implies": "⇒", "iff": "⇔",
    "mapsto": "↦", "longrightarrow": "⟶", "longleftarrow": "⟵", "hookrightarrow": "↪", "rightleftharpoons": "⇌",
    "ldots": "…", "cdots": "⋯", "dots": "…", "vdots": "⋮", "ddots": "⋱", "prime": "′", "degree": "°",
    "langle": "⟨", "rangle": "⟩", "lfloor": "⌊", "rfloor": "⌋", "lceil": "⌈", "rceil": "⌉", "lvert": "|",
    "rvert": "|", "lVert": "‖", "rVert": "‖", "mid": "∣", "parallel": "∥", "perp": "⊥", "vert": "|", "Vert": "‖",
    "therefore": "∴", "because": "∵", "top": "⊤", "bot": "⊥", "vdash": "⊢", "models": "⊨", "square": "□",
    "blacksquare": "■", "triangle": "△", "dagger": "†", "ddagger": "‡", "colon": ":", "backslash": "∖",
    "quad": "  ", "qquad": "    ", ",": " ", ";": " ", ":": " ", "!": "", " ": " ", "{": "{", "}": "}", "|": "‖",
    "%": "%", "$": "$", "#": "#", "&": "&", "_": "_", "lbrace": "{", "rbrace": "}", "bmod": " mod ", "pmod": " mod ",
    "lt": "<", "gt": ">", "land ": "∧", "checkmark": "✓", "copyright": "©", "pounds": "£", "dag": "†",
}  # fmt: skip

SYMBOLS = _GREEK | _SIGNS
"""Commands without an argument."""

_FUNCTION_NAMES = (
    "sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh log ln lg exp lim limsup liminf max min sup inf arg"
    " det dim ker gcd deg hom Pr mod argmax argmin"
)
FUNCTIONS = frozenset(_FUNCTION_NAMES.split())
"""Commands that stand for their own name."""

_RAISED = "0123456789+-=()niabcdefghjklmoprstuvwxyzTABDEGHIJKLMNOPRUVW∘′∗*"
_LOWERED = "0123456789+-=()aehijklmnoprstuvxβγρφχ"
SUPERSCRIPTS = dict(zip(_RAISED, "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱᵃᵇᶜᵈᵉᶠᵍʰʲᵏˡᵐᵒᵖʳˢᵗᵘᵛʷˣʸᶻᵀᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵁⱽᵂ°′**", strict=True))
SUBSCRIPTS = dict(zip(_LOWERED, "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ", strict=True))

ACCENTS = {
    "hat": "\u0302", "widehat": "\u0302", "tilde": "\u0303", "widetilde": "\u0303", "bar": "\u0304",
    "overline": "\u0304", "vec": "\u20d7", "dot": "\u0307", "ddot": "\u0308", "underline": "\u0332",
}  # fmt: skip
"""Commands that add a combining mark to a letter."""

_LETTERS = {"mathbb": "CHNPQRZ", "mathcal": "LHBEFMR"}
_DRAWN = {"mathbb": "ℂℍℕℙℚℝℤ", "mathcal": "ℒℋℬℰℱℳℛ"}


def styled(name: str, text: str) -> str:
    """Return ``text`` in the letters of ``\\mathbb`` or ``\\mathcal`` where Unicode has them."""
    if name not in _LETTERS:
        return text
    return text.translate(str.maketrans(_LETTERS[name], _DRAWN[name]))


def is_inline_formula(content: str, after: str) -> bool:
    """Return whether the text between two dollar signs is a formula rather than two prices.

    ``after`` is the character after the closing dollar sign, or empty.
    """
    if not content or len(content) > 400 or content[0].isspace() or content[-1].isspace() or "\n\n" in content:
        return False
    if after.isalnum():
        return False
    return not (" " in content or content[0].isdigit()) or bool(_LOOKS_LIKE_MATHS.search(content))


def to_unicode(formula: str) -> str:
    """Return ``formula`` as one or more lines of Unicode; unsupported commands stay as written."""
    if len(formula) > _MOST:
        return formula
    text = _ENVIRONMENT.sub(lambda found: _environment(found[1], found[2]), formula.strip())
    rows = [_Reader(line).read() for line in re.split(r"\\\\(?:\[[^\]]*\])?", text)]
    return "\n".join(line for line in (" ".join(r.split()) for r in rows) if line)


def _environment(name: str, content: str) -> str:
    rows = [line.strip() for line in re.split(r"\\\\(?:\[[^\]]*\])?", content) if line.strip()]
    cells = [[cell.strip() for cell in line.split("&")] for line in rows]
    if "matrix" in name or name == "array":
        left, right = {"pmatrix": "()", "bmatrix": "[]", "vmatrix": "||", "Bmatrix": ("{", "}")}.get(name, "[]")
        left, right = {"{": r"\{", "}": r"\}"}.get(left, left), {"{": r"\{", "}": r"\}"}.get(right, right)
        return r" \\ ".join(f"{left} {'  '.join(line)} {right}" for line in cells)
    if name == "cases":
        return r" \\ ".join(f"⎨ {', '.join(line)}" for line in cells)
    return r" \\ ".join(" ".join(line) for line in cells)


class _Reader:
    """Parses one line of TeX. Nesting is limited, and missing closing braces are tolerated."""

    def __init__(self, text: str) -> None:
        self.tokens: list[str] = _TOKEN.findall(text)
        self.at = 0
        self.depth = 0

    def read(self) -> str:
        """Return the whole line."""
        return self._until("")

    def _until(self, end: str) -> str:
        out: list[str] = []
        self.depth += 1
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            if token == end:
                self.at += 1
                break
            out.append(self._one())
        self.depth -= 1
        return "".join(out)

    def _one(self) -> str:
        if self.at >= len(self.tokens):
            return ""
        token = self.tokens[self.at]
        self.at += 1
        if token == "{":
            return self._until("}") if self.depth < _DEEPEST else ""
        if token in ("}", "&"):
            return " " if token == "&" else ""
        if token == "^":
            return _raised(self._argument(), SUPERSCRIPTS, "^")
        if token == "_":
            return _raised(self._argument(), SUBSCRIPTS, "_")
        if token.startswith("\\") and len(token) > 1:
            return self._command(token[1:].rstrip("*"))
        return token

    def _argument(self) -> str:
        while self.at < len(self.tokens) and self.tokens[self.at].isspace():
            self.at += 1
        return self._one() if self.depth < _DEEPEST else ""

    def _command(self, name: str) -> str:
        if name in SYMBOLS:
            return SYMBOLS[name]
        if name in FUNCTIONS:
            following = self.tokens[self.at] if self.at < len(self.tokens) else ""
            return name + (" " if following.isalnum() or following.startswith("\\") else "")
        if name in ("frac", "dfrac", "tfrac", "cfrac"):
            return f"{_grouped(self._argument())}/{_grouped(self._argument())}"
        if name in ("binom", "tbinom", "dbinom"):
            return f"C({self._argument()}, {self._argument()})"
        if name == "sqrt":
            return self._root()
        if name in ("text", "textrm", "textbf", "textit", "mathrm", "operatorname", "mbox", "mathit", "boldsymbol"):
            return self._argument()
        if name in ("mathbb", "mathbf", "mathcal", "mathfrak", "bm"):
            return styled(name, self._argument())
        if name in ACCENTS:
            return _accented(self._argument(), ACCENTS[name])
        if name in ("left", "right", "big", "Big", "bigg", "Bigg", "bigl", "bigr", "Bigl", "Bigr"):
            following = self._one()
            return "" if following == "." else following
        if name in ("displaystyle", "textstyle", "limits", "nolimits", "label", "tag", "nonumber"):
            if name in ("label", "tag"):
                word = self._argument()
                return f" ({word})" if name == "tag" else ""
            return ""
        return name if len(name) == 1 and not name.isalpha() else f"\\{name}"

    def _root(self) -> str:
        degree = ""
        if self.at < len(self.tokens) and self.tokens[self.at] == "[":
            self.at += 1
            degree = self._until("]")
        sign = {"3": "∛", "4": "∜", "": "√", "2": "√"}.get(degree) or _raised(degree, SUPERSCRIPTS, "^") + "√"
        inside = self._argument()
        return sign + (inside if len(inside) == 1 else f"({inside})")


def _raised(text: str, table: dict[str, str], mark: str) -> str:
    if text == "′":
        return text
    if text and all(c in table for c in text):
        return "".join(table[c] for c in text)
    return f"{mark}{text}" if len(text) == 1 else f"{mark}({text})"


def _grouped(text: str) -> str:
    return text if len(text) == 1 or re.fullmatch(r"\w+", text) else f"({text})"


def _accented(text: str, mark: str) -> str:
    return "".join(c + mark for c in text) if len(text) <= 3 else f"{text}{mark}"
