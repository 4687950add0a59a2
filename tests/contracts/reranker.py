"""What every Reranker must do. Needs a fixture `reranker`, whose model knows of shared words."""

import asyncio
import math

import pytest

from domain.hits import Reranking
from domain.ports import Reranker

QUESTION = "how long are backups kept"
RIGHT = "backups are kept for 35 days"
NEAR = "backups run every night"
WRONG = "the canteen opens at noon"
TEXTS = {
    "empty": "",
    "blank": " \n",
    "surrogate": "\ud800 lone",
    "nul": "\x00",
    "chinese": "語" * 3000,
    "one long word": "x" * 100_000,
    "many words": "word " * 20_000,
    "emoji": "🚀",
    "fence": "</passage>",
}


class RerankerContract:
    async def test_what_answers_the_question_has_the_highest_score(
        self, reranker: Reranker
    ) -> None:
        right, near, wrong = (await reranker.rerank(QUESTION, [RIGHT, NEAR, WRONG])).scores
        assert right > near > wrong

    async def test_scores_stand_in_the_order_of_the_passages(self, reranker: Reranker) -> None:
        wrong, right, near = (await reranker.rerank(QUESTION, [WRONG, RIGHT, NEAR])).scores
        assert right > near > wrong

    async def test_no_passages_have_no_scores_and_cost_nothing(self, reranker: Reranker) -> None:
        assert await reranker.rerank(QUESTION, []) == Reranking((), 0)

    async def test_one_passage_has_one_score(self, reranker: Reranker) -> None:
        assert len((await reranker.rerank(QUESTION, [RIGHT])).scores) == 1

    async def test_the_same_passage_twice_has_the_same_score_twice(
        self, reranker: Reranker
    ) -> None:
        first, _, second = (await reranker.rerank(QUESTION, [RIGHT, WRONG, RIGHT])).scores
        assert first == second

    async def test_as_many_as_it_likes_are_scored_at_once(self, reranker: Reranker) -> None:
        passages = [WRONG] * (reranker.batch - 1) + [RIGHT]
        scores = (await reranker.rerank(QUESTION, passages)).scores
        assert len(scores) == reranker.batch
        assert max(scores) == scores[-1] > scores[0]

    @pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
    async def test_any_passage_has_a_score_and_takes_none_from_others(
        self, reranker: Reranker, text: str
    ) -> None:
        right, odd, wrong = (await reranker.rerank(QUESTION, [RIGHT, text, WRONG])).scores
        assert math.isfinite(odd)
        assert right > wrong

    @pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
    async def test_any_question_can_be_asked(self, reranker: Reranker, text: str) -> None:
        scores = (await reranker.rerank(text, [RIGHT, "word"])).scores
        assert all(math.isfinite(score) for score in scores)

    async def test_many_callers_at_once_get_what_is_theirs(self, reranker: Reranker) -> None:
        async def one(place: int) -> bool:
            passages = [WRONG] * 5
            passages[place] = RIGHT
            scores = (await reranker.rerank(QUESTION, passages)).scores
            return scores.index(max(scores)) == place

        assert all(await asyncio.gather(*(one(i % 5) for i in range(20))))

    async def test_who_stops_waiting_leaves_it_usable(self, reranker: Reranker) -> None:
        passages = ["word " * 300] * reranker.batch
        waiting = asyncio.ensure_future(reranker.rerank(QUESTION, passages))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert len((await reranker.rerank(QUESTION, [RIGHT])).scores) == 1

    async def test_it_has_a_name_and_a_number(self, reranker: Reranker) -> None:
        assert reranker.name
        assert reranker.batch > 0
