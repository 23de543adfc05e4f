"""Nine kinds of text to hold token estimates against: short samples, and tables and logs made from a seed."""

from __future__ import annotations

import json
import random
from collections.abc import Callable

_ENGLISH = (
    "The ferry left an hour late because the harbour master wanted every car weighed again. Nobody complained: the "
    "wind had dropped, the coffee was warm, and the children had found a crate of oranges to argue about. By noon the "
    "island was only a grey line, and somebody began to play the accordion badly but with great conviction.",
    "When you compare two storage engines, look at the write path first. One of them appends to a log and sorts "
    "later; the other keeps its pages sorted and pays for that on every insert. Neither is better. What matters is how "
    "often you read what you have just written, how large your values are, and whether a pause of half a second at "
    "three in the morning would wake anyone up.",
    "Please summarise the attached contract in plain language. I want to know when it ends, how much notice either "
    "side must give, what happens to the deposit, and whether there is anything unusual that a careful tenant would "
    "ask about before signing.",
    "Photosynthesis turns light, water and carbon dioxide into sugar and oxygen. The first half of the process happens "
    "in membranes inside the chloroplast, where pigments absorb photons and push electrons along a chain of proteins. "
    "The second half, the Calvin cycle, does not need light directly; it spends the energy that was stored before.",
)
_GERMAN = (
    "Die Fähre legte mit einer Stunde Verspätung ab, weil der Hafenmeister jedes Auto noch einmal wiegen lassen "
    "wollte. Niemand beschwerte sich: Der Wind hatte nachgelassen, der Kaffee war heiß, und die Kinder stritten sich "
    "um eine Kiste Apfelsinen. Gegen Mittag war die Insel nur noch ein grauer Strich.",
    "Bitte fassen Sie den beigefügten Mietvertrag in einfacher Sprache zusammen. Ich möchte wissen, wann er endet, "
    "welche Kündigungsfristen gelten, was mit der Kaution geschieht und ob es ungewöhnliche Vereinbarungen gibt, nach "
    "denen man vor der Unterschrift fragen sollte.",
)
_FRENCH = (
    "Le bateau est parti avec une heure de retard parce que le capitaine du port voulait faire peser toutes les "
    "voitures une seconde fois. Personne ne s'est plaint : le vent était tombé, le café était chaud et les enfants se "
    "disputaient une caisse d'oranges. Vers midi, l'île n'était plus qu'une ligne grise.",
    "Pourriez-vous résumer le contrat ci-joint en langage simple ? Je voudrais savoir quand il se termine, quel "
    "préavis chaque partie doit respecter, ce qu'il advient du dépôt de garantie et s'il contient une clause "
    "inhabituelle dont un locataire prudent devrait parler avant de signer.",
)
_CODE = (
    '''
class RingBuffer(Generic[T]):
    """Keeps the last `capacity` items."""

    def __init__(self, capacity: int) -> None:
        if capacity < 1:
            raise ValueError(f"capacity must be positive, not {capacity}")
        self._items: list[T | None] = [None] * capacity
        self._start = self._length = 0

    def push(self, item: T) -> None:
        end = (self._start + self._length) % len(self._items)
        self._items[end] = item
        if self._length == len(self._items):
            self._start = (self._start + 1) % len(self._items)
        else:
            self._length += 1

    def __iter__(self) -> Iterator[T]:
        for offset in range(self._length):
            yield self._items[(self._start + offset) % len(self._items)]
''',
    """
async def fetch_all(urls: Sequence[str], *, limit: int = 8) -> dict[str, bytes]:
    gate = asyncio.Semaphore(limit)
    found: dict[str, bytes] = {}

    async def one(client: httpx.AsyncClient, url: str) -> None:
        async with gate:
            response = await client.get(url, timeout=10.0, follow_redirects=True)
            response.raise_for_status()
            found[url] = response.content

    async with httpx.AsyncClient() as client, asyncio.TaskGroup() as group:
        for url in dict.fromkeys(urls):
            group.create_task(one(client, url))
    return found
""",
    """
import argparse
import csv
import sys
from pathlib import Path

def main(argv=None):
    parser = argparse.ArgumentParser(description="Sum a column of a CSV file")
    parser.add_argument("path", type=Path)
    parser.add_argument("-c", "--column", default="amount", help="name of the column")
    args = parser.parse_args(argv)
    total, skipped = 0.0, 0
    with args.path.open(newline="") as handle:
        for row in csv.DictReader(handle):
            try:
                total += float(row[args.column])
            except (KeyError, ValueError):
                skipped += 1
    print(f"{total:.2f} ({skipped} rows skipped)", file=sys.stderr if skipped else sys.stdout)
    return 1 if skipped else 0

if __name__ == "__main__":
    raise SystemExit(main())
""",
)
_EAST_ASIAN = (
    "渡轮晚了一个小时才出发,因为港务长要求把每辆车再称一遍。没有人抱怨:风已经小了,咖啡还是热的,孩子们正为一箱橙子争个不停。"
    "到了中午,小岛只剩下一条灰色的线,有人开始拉手风琴,拉得不好,但非常投入。",
    "请用通俗的语言总结所附的租房合同。我想知道合同什么时候到期,双方需要提前多久通知,押金怎么处理,以及是否有细心的租客在签字前应该询问的不寻常条款。",
    "フェリーは一時間遅れて出港した。港長がすべての車をもう一度量りたいと言ったからだ。誰も文句を言わなかった。風はおさまり、コーヒーは温かく、"
    "子どもたちはオレンジの箱をめぐって言い争っていた。昼ごろには島は灰色の線にしか見えなかった。",
    "添付の賃貸契約書をわかりやすい言葉で要約してください。契約がいつ終わるのか、どのくらい前に通知しなければならないのか、敷金はどうなるのか、"
    "署名の前に確認すべき珍しい条件があるかどうかを知りたいです。",
)
_RUSSIAN = (
    "Паром отошёл с опозданием на час, потому что начальник порта велел ещё раз взвесить каждую машину. Никто не "
    "жаловался: ветер стих, кофе был горячим, а дети спорили из-за ящика апельсинов. К полудню от острова осталась "
    "только серая полоска, и кто-то начал играть на аккордеоне.",
    "Пожалуйста, изложите приложенный договор аренды простым языком. Я хочу знать, когда он заканчивается, за сколько "
    "дней нужно предупредить о выезде, что будет с залогом и есть ли в нём необычные условия.",
)
_ARABIC = (
    "غادرت العبّارة متأخرة ساعة كاملة لأن مدير الميناء أراد وزن كل سيارة مرة أخرى. لم يشتكِ أحد، فقد هدأت الريح وكانت "
    "القهوة ساخنة، وكان الأطفال يتجادلون حول صندوق من البرتقال. وعند الظهر لم يبقَ من الجزيرة سوى خط رمادي.",
    "من فضلك لخّص عقد الإيجار المرفق بلغة بسيطة. أريد أن أعرف متى ينتهي العقد، وما مدة الإشعار المطلوبة من كل طرف، "
    "وماذا يحدث لمبلغ التأمين، وهل توجد شروط غير عادية يجب السؤال عنها قبل التوقيع.",
)
_MARKDOWN = (
    """# Release notes

## 2.4.0 (2025-03-12)

- **Added** `--since` to `report`, which takes a date or a duration (`7d`, `2w`).
- **Fixed** a crash when the cache file is empty ([#1842](https://example.org/issues/1842)).
- *Changed*: timestamps are written in UTC; see [Migrating](docs/migrating.md#timestamps).

| Option      | Default | Meaning                      |
|-------------|---------|------------------------------|
| `timeout`   | `30`    | seconds before giving up     |
| `retries`   | `3`     | attempts after the first one |

```sh
$ tool report --since 7d --format json | jq '.rows[] | .total'
```

> **Note** This version needs Python 3.11 or newer.
""",
    """### How to reproduce

1. Start the server with `docker compose up -d`.
2. Send the request below twice within one second:

   ```http
   POST /v1/orders HTTP/1.1
   Content-Type: application/json

   {"sku": "A-1001", "quantity": 2}
   ```

3. The second answer is `409 Conflict`, although the key differs.

**Expected:** both orders are created. **Actual:** only the first one is, and the log says
`IntegrityError: duplicate key value violates unique constraint "orders_pkey"`.
""",
)
_NOUNS = """
account active address amount batch build cache client country created customer delivery error event failed index
invoice item login message monitor order payment product queue region report request retry search service session
status token update upload user version worker
"""
_WORDS = _NOUNS.split()


def _json(rng: random.Random) -> str:
    rows = [
        {
            "id": rng.randrange(1_000_000),
            "uuid": f"{rng.getrandbits(32):08x}-{rng.getrandbits(16):04x}-4{rng.getrandbits(12):03x}",
            "name": " ".join(rng.sample(_WORDS, 2)),
            "price": round(rng.uniform(1, 500), 2),
            "active": rng.random() < 0.5,
            "tags": rng.sample(_WORDS, 3),
            "created_at": f"2025-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}T{rng.randint(0, 23):02}:15:00Z",
        }
        for _ in range(rng.randint(3, 8))
    ]
    return json.dumps(rows, indent=rng.choice((None, 2)))


def _log(rng: random.Random) -> str:
    lines = []
    for _ in range(rng.randint(6, 20)):
        clock = f"{rng.randint(0, 23):02}:{rng.randint(0, 59):02}:{rng.randint(0, 59):02}"
        one, two = rng.sample(_WORDS, 2)
        lines.append(
            rng.choice(
                (
                    f"2025-03-12 {clock},{rng.randint(0, 999):03} {rng.choice(('INFO', 'WARN', 'ERROR'))} "
                    f"[worker-{rng.randint(1, 16)}] app.{one}.{two} took {rng.randint(1, 5000)} ms",
                    f'10.0.{rng.randint(0, 255)}.{rng.randint(0, 255)} - - [12/Mar/2025:{clock} +0000] "GET /api/{one}/'
                    f'{rng.randint(1, 9999)} HTTP/1.1" {rng.choice((200, 404, 500))} {rng.randint(100, 90000)}',
                    f'  File "/srv/app/{one}/{two}.py", line {rng.randint(1, 900)}, in handle_{one}',
                )
            )
        )
    return "\n".join(lines)


def _numbers(rng: random.Random) -> str:
    rows = ["date,region,units,price,total"]
    for _ in range(rng.randint(8, 25)):
        units, price = rng.randint(1, 10_000), round(rng.uniform(0.5, 900), 2)
        day = f"2025-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
        rows.append(f"{day},{rng.choice(('EU', 'US', 'APAC'))},{units},{price},{units * price:.2f}")
    return "\n".join(rows)


def _joined(samples: tuple[str, ...]) -> Callable[[random.Random], str]:
    return lambda rng: "\n\n".join(rng.sample(samples, rng.randint(1, len(samples))))


KINDS: dict[str, Callable[[random.Random], str]] = {
    "English prose": _joined(_ENGLISH),
    "German and French prose": _joined((*_GERMAN, *_FRENCH)),
    "Python": _joined(_CODE),
    "JSON": _json,
    "logs": _log,
    "tables of numbers": _numbers,
    "Chinese and Japanese": _joined(_EAST_ASIAN),
    "Russian and Arabic": _joined((*_RUSSIAN, *_ARABIC)),
    "Markdown with code": _joined(_MARKDOWN),
}


def corpus(each: int = 8, seed: int = 7) -> list[tuple[str, str]]:
    """Return (kind, text), ``each`` of every kind, the same ones for the same seed."""
    rng = random.Random(seed)
    return [(kind, make(rng)) for kind, make in KINDS.items() for _ in range(each)]


O200K = (
    210, 65, 177, 65, 258, 258, 64, 81, 59, 200, 200, 200, 59, 259, 200, 141, 326, 326, 387, 186, 341, 140, 387, 526,
    736, 522, 735, 366, 602, 374, 733, 522, 207, 233, 305, 447, 488, 196, 536, 509, 379, 334, 249, 557, 444, 411, 182,
    220, 232, 260, 81, 219, 313, 94, 94, 147, 146, 180, 267, 111, 121, 111, 128, 267, 188, 188, 312, 124, 124, 188,
    124, 188,
)  # fmt: skip
"""What the tokenizer counts in ``corpus()``, in order, for tests that run without it."""
