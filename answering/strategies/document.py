"""One document whole: it stands before the boundary, behind the prompt set, as a block of its own.

So the second question about it reads it from the provider's cache. It is found by its name or id.
"""

from collections.abc import Sequence
from dataclasses import replace

from answering.question import AnswerServices, Question
from answering.stages import Stages
from answering.strategies.context import Context, Preparing
from answering.strategies.corpus import recent, said
from domain.documents import Chunk
from domain.errors import InvalidInput, NotFound
from domain.filters import Equals
from domain.ids import document_id
from prompts.compose import compose, passages


async def document(question: Question, services: AnswerServices, stages: Stages) -> Preparing:
    if not question.document:
        raise InvalidInput(
            "The strategy 'document' reads one document whole: name it as `document`, by its "
            "source or its id.",
            field="document",
        )
    with stages.stage("read"):
        chunks = await read_whole(question, services)
    with stages.stage("compose"):
        prefix = services.prefixes.made(
            services.config.prompt, chunks, question.collection, whole=True
        )
        history = recent(await said(question, services), services)
        prompt = compose(question.text, (), prefix=prefix, history=history)
    yield Context(prompt, "document", pinned=tuple(one.chunk.id for one in prefix.evidence))


async def read_whole(question: Question, services: AnswerServices) -> Sequence[Chunk]:
    """In its order, each stretch of its text once."""
    named, collection = question.document, question.collection
    by_source = document_id(question.tenant, collection, named)
    for id_ in (by_source, named):
        where = (*question.where, Equals("document_id", id_))
        found = [c async for c in services.store.scroll(question.tenant, collection, where)]
        if found:
            return _fitting(_without_overlap(found), services)
    raise NotFound(
        f"There is no document '{named}' in the collection '{collection}'. Name it by its source, "
        "as `forebay search` shows it, or by its id."
    )


def _without_overlap(chunks: Sequence[Chunk]) -> Sequence[Chunk]:
    whole: list[Chunk] = []
    reached = 0
    for chunk in sorted(chunks, key=lambda one: one.position):
        said_already = min(max(0, reached - chunk.start), len(chunk.text))
        text, start = chunk.text[said_already:], chunk.start + said_already
        if text:
            whole.append(replace(chunk, text=text, start=start))
        reached = max(reached, chunk.end)
    return whole


def _fitting(chunks: Sequence[Chunk], services: AnswerServices) -> Sequence[Chunk]:
    most = services.config.context.tokens
    # Most documents are far below the limit by what ingestion counted: then nothing is counted.
    if 2 * sum(chunk.tokens for chunk in chunks) > most:
        tokens = services.tokens.count(passages(chunks))
        if tokens > most:
            raise InvalidInput(
                f"The document '{chunks[0].source}' has {tokens:,} tokens; a prompt takes "
                f"{most:,} of documents. Ask with the strategy 'corpus' and the filter "
                f'{{"source": "{chunks[0].source}"}}, or raise FOREBAY_CONTEXT__TOKENS.',
                field="document",
            )
    return chunks
