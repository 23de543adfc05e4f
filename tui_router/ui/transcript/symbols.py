"""Tables from TeX to Unicode."""

from __future__ import annotations

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
"""Commands that put a mark on a letter."""

_LETTERS = {"mathbb": "CHNPQRZ", "mathcal": "LHBEFMR"}
_DRAWN = {"mathbb": "ℂℍℕℙℚℝℤ", "mathcal": "ℒℋℬℰℱℳℛ"}


def styled(name: str, text: str) -> str:
    """Return ``text`` in the letters of ``\\mathbb`` or ``\\mathcal`` where Unicode has them."""
    if name not in _LETTERS:
        return text
    return text.translate(str.maketrans(_LETTERS[name], _DRAWN[name]))
