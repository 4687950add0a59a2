"""What Gemini says, whole or piece by piece, in our words. Knows nothing of requests."""

import json
from itertools import groupby

from google.genai.types import (
    Candidate,
    FinishReason,
    GenerateContentResponse,
    GenerateContentResponseUsageMetadata,
    Part,
)

from domain import completion
from domain.completion import Delta, Usage
from domain.errors import ModelRejected, ModelUnreachable
from domain.prompt import ToolCall

_CUT = frozenset({FinishReason.MAX_TOKENS, FinishReason.CONTINUATION})
_REFUSED = frozenset(
    {
        FinishReason.SAFETY,
        FinishReason.RECITATION,
        FinishReason.LANGUAGE,
        FinishReason.BLOCKLIST,
        FinishReason.PROHIBITED_CONTENT,
        FinishReason.SPII,
        FinishReason.IMAGE_SAFETY,
        FinishReason.IMAGE_PROHIBITED_CONTENT,
        FinishReason.IMAGE_RECITATION,
        FinishReason.ESCALATION,
        FinishReason.MODEL_ARMOR,
    }
)
_REJECTED = frozenset({FinishReason.MISSING_THOUGHT_SIGNATURE, FinishReason.PUP_LIMITED_DISABLED})


class Answer:
    """Everything that has been said so far; whether that is all says `finish`."""

    def __init__(self, model: str) -> None:
        self.id: str | None = None
        self._model = model
        self._parts: list[Part] = []
        self._used: GenerateContentResponseUsageMetadata | None = None
        self._reason: FinishReason | None = None
        self._blocked = ""

    def take(self, said: GenerateContentResponse) -> list[Delta]:
        self.id = said.response_id or self.id
        self._used = said.usage_metadata or self._used
        if (feedback := said.prompt_feedback) and feedback.block_reason:
            self._blocked = feedback.block_reason_message or feedback.block_reason.value
        return [delta for one in (said.candidates or [])[:1] for delta in self._more(one)]

    def finish(self) -> completion.FinishReason:
        reason = self._reason
        if self._blocked or reason in _REFUSED:
            return "refusal"
        if reason is None:
            raise ModelUnreachable(f"{self._model} ended its stream without finishing the answer.")
        if reason in _CUT:
            return "length"
        if reason == FinishReason.STOP:
            return "tool_calls" if any(part.function_call for part in self._parts) else "stop"
        why = f"{self._model} gave no answer: {reason.value}."
        if reason in _REJECTED:
            raise ModelRejected(why, usage=self._said)
        # such as a call that it wrote wrongly
        raise ModelUnreachable(why, transient=True, usage=self._said)

    @property
    def text(self) -> str:
        return "".join(part.text for part in self._parts if part.text and not part.thought)

    @property
    def summary(self) -> str:
        return "".join(part.text for part in self._parts if part.text and part.thought)

    @property
    def calls(self) -> tuple[ToolCall, ...]:
        """None of an answer that was cut short. A call without an id gets one."""
        if self._reason != FinishReason.STOP:
            return ()
        found = [part.function_call for part in self._parts if part.function_call]
        return tuple(
            ToolCall(
                id=call.id or f"{self.id or 'call'}-{number}",
                name=call.name or "",
                arguments=json.dumps(call.args or {}, ensure_ascii=False),
            )
            for number, call in enumerate(found)
        )

    @property
    def parts(self) -> list[Part]:
        """To be sent back: the pieces of a text as one, and all else as it came."""
        whole: list[Part] = []
        for kind, run in groupby(self._parts, key=_kind):
            if kind is None:
                whole.extend(run)
            else:
                text = "".join(part.text or "" for part in run)
                whole += [Part(text=text, thought=kind == "thought" or None)] if text else []
        return whole

    @property
    def usage(self) -> Usage:
        if self._said is None:
            raise ModelUnreachable(f"{self._model} answered without saying what it used.")
        return self._said

    @property
    def _said(self) -> Usage | None:
        """The candidates' count leaves out what was thought."""
        used = self._used
        if used is None:
            return None
        thought = used.thoughts_token_count or 0
        return Usage(
            input=(used.prompt_token_count or 0) + (used.tool_use_prompt_token_count or 0),
            cached=used.cached_content_token_count or 0,
            output=(used.candidates_token_count or 0) + thought,
            reasoning=thought,
        )

    @property
    def notes(self) -> tuple[str, ...]:
        if self._blocked:
            return (f"Refused before it was read: {self._blocked}",)
        if self._reason in _REFUSED and self._reason:
            return (f"Refused: {self._reason.value}",)
        return ()

    def _more(self, said: Candidate) -> list[Delta]:
        self._reason = said.finish_reason or self._reason
        parts = (said.content.parts if said.content else None) or []
        self._parts.extend(parts)
        return [
            Delta(part.text, kind="summary" if part.thought else "text")
            for part in parts
            if part.text
        ]


def _kind(part: Part) -> str | None:
    """None: it is more than a piece of text, and stays alone."""
    if part.text is None or part.thought_signature or part.function_call:
        return None
    return "thought" if part.thought else "text"
