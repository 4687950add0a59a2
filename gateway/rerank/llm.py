"""Reranks with any chat model: it grades some passages at once from 0 to 10, as JSON.

Knows neither the words of the prompt, which are handed in, nor whose model it is. An answer that
cannot be read is sent back once with what is wrong about it.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from domain.asking import ASKING
from domain.completion import ChatRequest, Completion
from domain.errors import ModelRejected, ModelUnreachable
from domain.hits import Reranking
from domain.ports import ChatModel
from domain.prompt import Prompt
from gateway.rerank.placed import placed
from gateway.rerank.plain import plain

Ask = Callable[[str, Sequence[str]], Prompt]  # question and passages, which are numbered from 1
AskAgain = Callable[[Prompt, str, str], Prompt]  # what was asked, the answer, what is wrong with it

_HIGHEST = 10
_ATTEMPTS = 2
_TOKENS_EACH = 10  # of output: `"12": 10, `
_FENCED = re.compile(r"```(?:json)?\s*\n(.*)\n\s*```", re.DOTALL)


@dataclass(frozen=True, slots=True)
class LlmConfig:
    batch: int = 20  # passages in a prompt
    passage_characters: int = 4_000  # shown of each
    output_tokens: int = 2_000  # beside the grades: models think before they answer


class LlmReranker:
    """Implements domain.ports.Reranker."""

    def __init__(
        self, chat: ChatModel, ask: Ask, ask_again: AskAgain, config: LlmConfig | None = None
    ) -> None:
        self._chat = chat
        self._ask = ask
        self._ask_again = ask_again
        self._config = config or LlmConfig()

    @property
    def name(self) -> str:
        return self._chat.name

    @property
    def batch(self) -> int:
        return self._config.batch

    async def rerank(self, question: str, passages: Sequence[str]) -> Reranking:
        if not passages:
            return Reranking(())
        shown = [plain(passage[: self._config.passage_characters]) for passage in passages]
        prompt = self._ask(plain(question), shown)
        spent, fault = 0, ""
        for _ in range(_ATTEMPTS):
            answer = await self._complete(prompt, len(passages))
            spent += answer.cost_microdollars
            try:
                return Reranking(_grades(answer.text, len(passages)), spent)
            except ValueError as error:
                fault = str(error)
                prompt = self._ask_again(prompt, answer.text, fault)
        raise ModelUnreachable(
            f"{self.name} did not grade {len(passages)} passages, in {_ATTEMPTS} attempts: "
            f"{fault}. Set a stronger model, or FOREBAY_RERANK__BATCH lower."
        )

    async def _complete(self, prompt: Prompt, number: int) -> Completion:
        most = self._config.output_tokens + number * _TOKENS_EACH
        whose = replace(ASKING.get(), endpoint="rerank")
        request = ChatRequest(prompt, max_output_tokens=most, account=whose)
        answer = await self._chat.complete(request)
        if answer.finish == "refusal":
            raise ModelRejected(f"{self.name} refuses to grade these passages: {answer.text[:500]}")
        return answer


def _grades(text: str, number: int) -> tuple[float, ...]:
    fenced = _FENCED.fullmatch(text.strip())
    try:
        found = json.loads(fenced[1] if fenced else text, object_pairs_hook=_Pairs)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"it is no JSON ({error})") from error
    if not isinstance(found, _Pairs):
        raise ValueError("it is no JSON object")  # noqa: TRY004 - the answer is wrong, not a type
    return placed(found, [str(i + 1) for i in range(number)], lowest=0, highest=_HIGHEST)


class _Pairs(list[tuple[str, object]]):
    """A JSON object with all its members, also those that are named twice."""
