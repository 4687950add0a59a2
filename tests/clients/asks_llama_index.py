"""Asks through llama-index' OpenAILike, in an environment of its own: `python … BASE_URL`."""

import json
import sys

from llama_index.core.llms import ChatMessage
from llama_index.llms.openai_like import OpenAILike

llm = OpenAILike(
    api_base=sys.argv[1],
    api_key="none",
    model="forebay/default",
    is_chat_model=True,
    max_retries=0,
)
asked = [
    ChatMessage(role="system", content="Be brief."),
    ChatMessage(role="user", content="How long are backups kept?"),
]
said = {
    "whole": llm.chat(asked).message.content,
    "streamed": "".join(piece.delta or "" for piece in llm.stream_chat(asked)),
    "completed": llm.complete("How long are backups kept?").text,
}
print(json.dumps(said))
