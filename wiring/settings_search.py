"""The settings of search: what is looked for, how it is ranked, what a model is shown of it."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SearchSettings(Section):
    limit: int = Field(8, gt=0, le=100, description="Passages retrieved for a question")
    depth: int = Field(50, gt=0, le=1000, description="Candidates each leg brings")
    insist: Literal["off", "prefer", "must"] = Field(
        "prefer",
        description="Passages with the question's quoted phrases and codes come first (`prefer`), "
        "or those without its phrases are left out (`must`)",
    )
    context_tokens: int = Field(
        6000, gt=0, le=80_000, description="Tokens of passages that the model is shown"
    )


class UnderstandSettings(Section):
    rewrite: Literal["off", "words", "model"] = Field(
        "off",
        description="A follow-up is searched with its conversation: by the chat `model`, or "
        "with `words` of the earlier questions",
    )
    wordings: int = Field(
        0, ge=0, le=8, description="Other wordings by the chat model that are searched, too"
    )
    passage: bool = Field(
        False, description="Search also with the vector of a likely answer by the chat model (HyDE)"
    )
    seconds: float = Field(8, gt=0, description="Time for each of these calls")


class SelectSettings(Section):
    neighbours: int = Field(
        0, ge=0, le=10, description="Chunks before and behind a hit that are shown with it"
    )
    parent: bool = Field(False, description="Show the whole section of a hit, where it fits")
    across: bool = Field(False, description="Join neighbours of other sections, too")
    per_document: int | None = Field(
        None, gt=0, description="Passages of one document at most; unset: any number"
    )
    duplicates: float | None = Field(
        1.0,
        ge=0,
        le=1,
        description="Share of a passage that another must repeat for it to be left out; "
        "1: the same text only",
    )
    mmr: float | None = Field(
        None,
        ge=0,
        le=1,
        description="Weight of the rank beside being different (MMR); unset: rank alone",
    )
    order: Literal["best", "ends", "document"] = Field(
        "best", description="`best` first, best at both `ends`, or as in the `document`"
    )


class RerankSettings(Section):
    provider: Literal["none", "local", "llm", "cohere", "voyage", "jina", "tei"] = Field(
        "none",
        description="`none`, `local` (ONNX cross-encoder), `llm` (the chat model), a hosted one "
        "(`cohere`, `voyage`, `jina`), or `tei`",
    )
    model: str | None = Field(
        None, description="Hosted reranking model; unset: the provider's usual one"
    )
    api_key: SecretStr | None = Field(None, description="Key of the hosted reranker")
    base_url: str | None = Field(
        None,
        description="Your own server that speaks the provider's format, without `/rerank` "
        "(vLLM and Infinity: `jina`)",
    )
    path: Path | None = Field(
        None, description="Folder with an ONNX cross-encoder and `tokenizer.json`, or the model"
    )
    max_tokens: int = Field(
        512, ge=16, description="Tokens of question and passage that the local reranker reads"
    )
    threads: int | None = Field(
        None, gt=0, description="Threads of the local reranker; unset: all cores"
    )
    batch: int | None = Field(
        None, gt=0, description="Passages a reranker is given at once; unset: what suits it"
    )
    depth: int = Field(40, gt=0, le=1000, description="Passages that the reranker reads")
    seconds: float = Field(
        2, gt=0, description="Time for reranking; what is not read by then keeps its place"
    )
