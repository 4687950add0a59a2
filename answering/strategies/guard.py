"""The longest prompt that is sent: beyond some length a model charges twice as much for all of it.

Counted where it may be too long alone; most prompts have fewer bytes than the limit has tokens.
"""

from answering.question import AnswerServices
from domain.errors import InvalidInput
from domain.prompt import Prompt


def refuse_too_long(prompt: Prompt, services: AnswerServices) -> None:
    most = services.config.context.prompt_tokens
    texts = [turn.text for turn in prompt.turns]
    if sum(len(text.encode()) for text in texts) <= most:
        return
    tokens = sum(services.tokens.count(text) for text in texts)
    if tokens > most:
        raise InvalidInput(
            f"The prompt would have {tokens:,} tokens; at most {most:,} are sent, because longer "
            "ones cost twice as much a token. Ask for fewer passages, begin another conversation, "
            "or raise FOREBAY_CONTEXT__PROMPT_TOKENS.",
            field="question",
        )
