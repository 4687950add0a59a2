"""The settings of search: what is looked for, how it is ranked, what a model is shown of it."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, SecretStr, field_validator

from domain.boost_json import boosts_from_json
from domain.errors import InvalidInput


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SearchSettings(Section):
    limit: int = Field(8, gt=0, le=100, description="Passages retrieved for a question")
    depth: int = Field(60, gt=0, le=1000, description="Candidates each leg brings")
    insist: Literal["off", "prefer", "must"] = Field(
        "prefer",
        description="Passages with the question's quoted phrases and codes come first (`prefer`), "
        "or those without its phrases are left out (`must`)",
    )
    boost: list[dict[str, JsonValue]] = Field(
        [],
        description="What is preferred, as JSON: "
        '`[{"decay": {"field": "date", "half_life_days": 90, "weight": 0.3}}]`, '
        '`[{"when": {"team": "ops"}, "add": 0.5}]`',
    )
    lexical: Literal["store", "rank-bm25"] = Field(
        "store",
        description="Who ranks by words: the `store`, or `rank-bm25` in memory (20,000 chunks "
        "at most)",
    )
    context_tokens: int = Field(
        6000, gt=0, le=80_000, description="Tokens of passages that the model is shown"
    )

    @field_validator("boost")
    @classmethod
    def _is_boost(cls, value: list[dict[str, JsonValue]]) -> list[dict[str, JsonValue]]:
        try:
            boosts_from_json(value)
        except InvalidInput as error:
            raise ValueError(str(error)) from error
        return value


class FusionSettings(Section):
    method: Literal["adaptive", "convex", "dbsf", "rrf"] = Field(
        "adaptive",
        description="How words and meaning become one ranking: by scores with a weight for each "
        "question (`adaptive`) or one for all (`convex`, `dbsf`), or by ranks (`rrf`)",
    )
    sharp: float = Field(
        0.5,
        ge=0,
        le=1,
        description="Weight of meaning in `adaptive` where words point to a few passages",
    )
    flat: float = Field(
        0.8, ge=0, le=1, description="Weight of meaning in `adaptive` where words do not"
    )
    foreign: float = Field(
        0.25,
        ge=0,
        le=1,
        description="Weight of meaning in `adaptive` for a language that the embedder does not "
        "know",
    )
    dense_weight: float | None = Field(
        None,
        ge=0,
        le=1,
        description="Weight of meaning in `convex`, `dbsf` and `rrf`; unset: the method's own",
    )
    k: float = Field(60, gt=0, description="The larger, the less the first ranks count in `rrf`")


class RefineSettings(Section):
    among: int = Field(
        30,
        ge=0,
        le=1000,
        description="Best candidates that are ordered anew by what they say together, after "
        "`adaptive` and `convex`; 0: none",
    )
    alike: float = Field(
        0.2, ge=0, description="What a candidate gains when those like it stand high"
    )
    named: float = Field(
        1.0, ge=0, description="What it gains when one of the best names its title"
    )
    asked: float = Field(0.5, ge=0, description="What it gains when the question names its title")


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

    @property
    def asks_a_model(self) -> bool:
        return bool(self.rewrite == "model" or self.wordings or self.passage)


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


class SparseSettings(Section):
    provider: Literal["none", "tei"] = Field(
        "none",
        description="Learned sparse vectors: `none`, or `tei` (Text Embeddings Inference with a "
        "SPLADE model)",
    )
    model: str = Field("splade", description="What the model is called; another one is a rebuild")
    base_url: str | None = Field(
        None, description="Where the sparse model is served, without `/embed_sparse`"
    )
    api_key: SecretStr | None = Field(None, description="Key of the sparse model's server")
    batch: int = Field(32, gt=0, description="Texts the sparse model is given at once")


class RerankSettings(Section):
    provider: Literal["none", "late", "local", "llm", "cohere", "voyage", "jina", "tei"] = Field(
        "none",
        description="`none`, `late` (token vectors of the local embedding model), `local` (ONNX "
        "cross-encoder), `llm` (the chat model), a hosted one (`cohere`, `voyage`, `jina`), or "
        "`tei`",
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
    depth: int | None = Field(
        None, gt=0, le=1000, description="Passages that the reranker reads; unset: 40, `late` 10"
    )
    seconds: float = Field(
        2, gt=0, description="Time for reranking; what is not read by then keeps its place"
    )
    weight: float | None = Field(
        None,
        ge=0,
        le=1,
        description="Share of the reranker in the score, beside the ranking before it; unset: 1, "
        "`late` 0.2",
    )
