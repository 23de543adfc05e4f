"""The models that are plainly the demo's own, and how fast each of all models answers."""

from __future__ import annotations

from dataclasses import dataclass

from tui_router.demo_server.families import make_row, seed_of
from tui_router.demo_server.parts import Tempo
from tui_router.demo_server.scenarios import SCENARIOS
from tui_router.demo_server.wire import Wire

_NEWEST = 1_795_305_600
_OLDEST = 1_680_000_000
PREFIX = "demo/"


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoModel:
    """One model of the demo's own. Prices are dollars per million tokens."""

    slug: str
    name: str
    about: str
    price_in: str = "0.0000001"
    price_out: str = "0.0000005"
    abilities: str = "itj"
    tempo: Tempo = Tempo()
    outputs: tuple[str, ...] = ("text",)
    context: int = 128_000
    out: int = 16_000


DEMO_MODELS = (
    DemoModel(slug="quick", name="Quick", about="Answers at once and fast.", tempo=Tempo(first_token=0.12, rate=220)),
    DemoModel(slug="slow", name="Slow", about="Takes three seconds to begin, then six tokens a second.",
              price_in="0.000002", price_out="0.00001", tempo=Tempo(first_token=3.0, rate=6)),
    DemoModel(slug="thinking", name="Thinking", about="Reasons before it answers.", abilities="itrj",
              price_in="0.000001", price_out="0.000005", tempo=Tempo(first_token=0.5, rate=70)),
    DemoModel(slug="long", name="Long", out=64_000, tempo=Tempo(first_token=0.3, rate=900),
              about="Writes 50,000 tokens of varied Markdown, if the output limit of the request allows so many."),
    DemoModel(slug="code", name="Code", about="Answers with code in several languages.",
              price_in="0.0000003", price_out="0.0000015", tempo=Tempo(first_token=0.4, rate=110)),
    DemoModel(slug="table", name="Table", about="Answers with tables.", tempo=Tempo(first_token=0.3, rate=90)),
    DemoModel(slug="citations", name="Citations", about="Answers with numbered sources, as after a web search.",
              tempo=Tempo(first_token=1.1, rate=80)),
    DemoModel(slug="image", name="Image", about="Answers with a small picture.", outputs=("text", "image"),
              price_out="0.000004", tempo=Tempo(first_token=0.9, rate=60)),
    DemoModel(slug="tools", name="Tools", about="Calls one of the tools it is offered, then uses the result.",
              tempo=Tempo(first_token=0.4, rate=90)),
    DemoModel(slug="markdown", name="Markdown", about="Shows every element of Markdown.",
              tempo=Tempo(first_token=0.2, rate=160)),
    DemoModel(slug="hostile", name="Hostile",
              about="Sends escape sequences, bidi controls and markup, to show that nothing happens."),
    DemoModel(slug="echo", name="Echo", about="Repeats the last message, word for word.", price_in="0",
              price_out="0", abilities="ifvatj", tempo=Tempo(first_token=0.05, rate=400)),
    DemoModel(slug="opinion-a", name="Opinion A", about="Answers short and dry.", price_in="0.00000005",
              price_out="0.0000002", tempo=Tempo(first_token=0.2, rate=150)),
    DemoModel(slug="opinion-b", name="Opinion B", about="Answers in order, with headings and tables.",
              price_in="0.000001", price_out="0.000005", tempo=Tempo(first_token=0.7, rate=75)),
    DemoModel(slug="opinion-c", name="Opinion C", about="Answers warmly and at length.",
              price_in="0.000003", price_out="0.000015", tempo=Tempo(first_token=0.45, rate=45)),
    DemoModel(slug="small-window", name="Small window", context=2_000, out=1_000, abilities="",
              about="Has a window of 2,000 tokens and sees no images."),
)  # fmt: skip
_BY_ID = {PREFIX + model.slug: model for model in DEMO_MODELS}


def demo_rows() -> list[Wire]:
    """Return the catalogue rows of the demo's own models."""
    return [
        make_row(
            row_id=PREFIX + m.slug, name=f"Demo: {m.name}", about=f"Demo row. {m.about} No model is behind it.",
            created=_NEWEST - n, context=m.context, out=m.out, prompt=m.price_in, completion=m.price_out,
            abilities=m.abilities, outputs=m.outputs,
        )
        for n, m in enumerate(DEMO_MODELS)
    ]  # fmt: skip


def scenario_row(name: str, about: str, number: int = 0) -> Wire:
    """Return the catalogue row of one scenario."""
    title = name.replace("error-", "error ", 1).replace("-", " ")
    return make_row(
        row_id=PREFIX + name, name=f"Demo: {title}", about=f"Demo row. {about}", created=_OLDEST - number,
        context=128_000, out=16_000, prompt="0.0000001", completion="0.0000005", abilities="itj",
    )  # fmt: skip


def scenario_rows() -> list[Wire]:
    """Return the rows of the scenarios that the catalogue lists."""
    return [scenario_row(s.name, s.about, n) for n, s in enumerate(SCENARIOS.values()) if s.listed]


def tempo_of(model_id: str) -> Tempo:
    """Return how fast a model answers: told for the demo's own, else some speed that is always the same for its id."""
    if own := _BY_ID.get(model_id):
        return own.tempo
    seed = seed_of(model_id.partition(":")[0])
    return Tempo(first_token=0.15 + seed % 97 / 80, rate=28 + seed // 97 % 150)
