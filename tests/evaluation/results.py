"""Results for tests: a plain one, any part of which a test may choose."""

from collections.abc import Mapping

from eval.measures import means
from eval.result import Asked, Made, Ranked, Result, Text


def a_result(
    scores: Mapping[str, float],
    *,
    data: str = "handbook",
    config: str = "default",
    at: str = "2026-01-01T00:00:00+00:00",
    judgements: str = "j",
    settings: Mapping[str, str] | None = None,
) -> Result:
    """nDCG@10 by query; the found document is right where that is above 0."""
    asked = {
        query: Asked(
            question=f"What about <{query}>?",
            measures={"nDCG@10": score, "R@10": float(score > 0), "R@1000t": score},
            top=(Ranked(f"{query}.md", 1 if score else None),),
            gold=(Ranked(f"{query}.md", 1),),
            seconds=0.004,
            stages={"embed": 0.003, "store": 0.001},
            tokens=500,
        )
        for query, score in scores.items()
    }
    return Result(
        data=data,
        config=config,
        made=Made(at, "1.0", "abc", settings or {"search.fusion": config}),
        judgements=judgements,
        measures=means(one.measures for one in asked.values()),
        asked=asked,
        texts={f"{query}.md": Text(f"On {query}", f"All about {query}.") for query in scores},
        documents=3,
        chunks=4,
    )
