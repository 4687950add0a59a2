"""Asks through langchain-openai, in an environment of its own: `python … BASE_URL`."""

import json
import sys

from langchain_openai import ChatOpenAI, OpenAIEmbeddings

base, question = sys.argv[1], "How long are backups kept?"
chat = ChatOpenAI(base_url=base, api_key="none", model="forebay/default", max_retries=0)
newer = ChatOpenAI(
    base_url=base, api_key="none", model="forebay/default", use_responses_api=True, max_retries=0
)
embeddings = OpenAIEmbeddings(
    base_url=base, api_key="none", model="bge-small-en-v1.5", check_embedding_ctx_length=False
)
schema = {
    "title": "kept",
    "type": "object",
    "properties": {"days": {"type": "integer"}},
    "required": ["days"],
    "additionalProperties": False,
}


def find_ticket(number: int) -> str:
    """Finds a ticket."""
    return f"ticket {number}"


said = {
    "whole": chat.invoke(question).content,
    "streamed": "".join(str(piece.content) for piece in chat.stream(question)),
    "response": newer.invoke(question).content[0]["text"],
    "called": chat.bind_tools([find_ticket]).invoke(question).tool_calls[0]["args"],
    "data": chat.with_structured_output(schema, method="json_schema").invoke(question),
    "dimensions": len(embeddings.embed_query(question)),
}
print(json.dumps(said))
