"""A pool of texts such as people write below an article: about 430 characters each, seeded."""

from random import Random


def _some(words: str) -> list[str]:
    return words.split(",")


_SUBJECTS = _some(
    "the model,the benchmark,this release,the paper,the lab,the evaluation,my team,the licence,"
    "the new tokenizer,the training run,the safety card,a smaller model,the price,the API,"
    "the data set,our pipeline,the reviewer,the context window,the compiler,open weights,"
    "the regulator,a careful reader,the latency,the cache,every agent,the tool call"
)
_VERBS = _some(
    "shows,hides,explains,ignores,improves,breaks,answers,depends on,costs more than,"
    "is slower than,is better than,reminds me of,contradicts,measures,repeats,replaces,"
    "competes with,says nothing about,works without,fails at,learns from,scales with"
)
_OBJECTS = _some(
    "the first table,what we saw in production,the older weights,long documents,a real workload,"
    "the hidden prompt,last year's result,the margin of error,code review,the energy bill,"
    "small languages,a plain search,human raters,the held-out set,our tests,the open question,"
    "every claim in the summary,retrieval,the original authors,medical notes,the audit,"
    "a single machine,the appendix,what the source says,simple arithmetic,the deadline"
)
_ENDS = _some(
    "in my experience,as far as I can tell,at least on paper,once you look closer,"
    "with the default settings,for most of us,and nobody mentions it,which is fine,"
    "when the input is long,after a week of use,if the numbers hold,by a wide margin,"
    "and I would like to see the raw data,so I remain sceptical,which surprised me"
)
_CODE = (
    "for step, batch in enumerate(loader):\n    loss = model(batch).mean()\n    loss.backward()",
    "scores = sorted(results, key=lambda r: r.score)\nprint(scores[len(scores) // 2])",
    "curl -s localhost:8080/v1/health\ngrep -c error server.log",
    "def ratio(ours, floor):\n    return ours / floor if floor else None",
)


def _sentence(chance: Random) -> str:
    parts = [chance.choice(_SUBJECTS), chance.choice(_VERBS), chance.choice(_OBJECTS)]
    if chance.random() < 0.5:
        parts.append(chance.choice(_ENDS))
    if chance.random() < 0.08:
        parts[1] = f"*{parts[1]}*"
    text = " ".join(parts)
    return text[0].upper() + text[1:] + ("?" if chance.random() < 0.08 else ".")


def _paragraph(chance: Random, length: float) -> str:
    text = _sentence(chance)
    while len(text) < length:
        text += " " + _sentence(chance)
    return text


def one(chance: Random) -> str:
    """Return a comment as Markdown: paragraphs, sometimes a quote, a list, code or a link."""
    left = min(3_000.0, chance.lognormvariate(5.8, 0.7))
    parts = []
    if chance.random() < 0.15:
        parts.append("> " + _sentence(chance))
    while left > 30:
        share = min(left, chance.uniform(120, 420))
        parts.append(_paragraph(chance, share))
        left -= share
    if chance.random() < 0.06:
        parts.append("```python\n" + chance.choice(_CODE) + "\n```")
    if chance.random() < 0.05:
        parts.append("\n".join("- " + _sentence(chance) for _ in range(3)))
    if chance.random() < 0.12:
        number = chance.randrange(10_000)
        parts.append(f"See [the notes](https://example.org/notes/{number}) for more.")
    return "\n\n".join(parts) or _sentence(chance)


def pool(number: int, seed: int = 4) -> list[str]:
    """Return `number` different texts, the same ones at every call."""
    chance = Random(seed)
    return [one(chance) for _ in range(number)]
