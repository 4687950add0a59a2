"""What every VectorCache must do. Needs a fixture `cache`, empty."""

import asyncio

import numpy as np
import pytest
from numpy.typing import NDArray

from domain.ports import VectorCache
from domain.vectors import VectorSpace

SPACE = VectorSpace("small", 8, "small-1")
OTHER = VectorSpace("small", 8, "small-2")


def a_vector(seed: int, space: VectorSpace = SPACE) -> NDArray[np.float32]:
    drawn = np.random.default_rng(seed).normal(size=space.dimensions)
    return np.asarray(drawn / np.linalg.norm(drawn), dtype=np.float32)


def some(number: int, space: VectorSpace = SPACE) -> dict[str, NDArray[np.float32]]:
    return {f"text {i}": a_vector(i, space) for i in range(number)}


class VectorCacheContract:
    async def test_an_empty_one_finds_nothing(self, cache: VectorCache) -> None:
        assert await cache.find(SPACE, ["one"]) == {}
        assert await cache.find(SPACE, []) == {}

    async def test_what_was_saved_is_found_to_the_byte(self, cache: VectorCache) -> None:
        await cache.save(SPACE, {"one": a_vector(1), "two": a_vector(2)})
        found = await cache.find(SPACE, ["two", "three", "one"])
        assert set(found) == {"one", "two"}
        assert found["one"].tobytes() == a_vector(1).tobytes()
        assert found["two"].dtype == np.float32

    async def test_another_space_has_its_own(self, cache: VectorCache) -> None:
        await cache.save(SPACE, {"one": a_vector(1)})
        assert await cache.find(OTHER, ["one"]) == {}
        await cache.save(OTHER, {"one": a_vector(2)})
        assert (await cache.find(SPACE, ["one"]))["one"].tobytes() == a_vector(1).tobytes()

    async def test_a_text_that_is_asked_for_twice_is_found_once(self, cache: VectorCache) -> None:
        await cache.save(SPACE, {"one": a_vector(1)})
        assert list(await cache.find(SPACE, ["one", "one"])) == ["one"]

    async def test_what_is_saved_again_is_replaced(self, cache: VectorCache) -> None:
        await cache.save(SPACE, {"one": a_vector(1)})
        await cache.save(SPACE, {"one": a_vector(2)})
        assert (await cache.find(SPACE, ["one"]))["one"].tobytes() == a_vector(2).tobytes()

    async def test_nothing_can_be_saved(self, cache: VectorCache) -> None:
        await cache.save(SPACE, {})

    @pytest.mark.parametrize("text", ["", "\ud800 lone", "\x00", "語" * 3000, "x" * 100_000])
    async def test_any_text_is_a_key(self, cache: VectorCache, text: str) -> None:
        await cache.save(SPACE, {text: a_vector(1), text + " ": a_vector(2)})
        assert (await cache.find(SPACE, [text]))[text].tobytes() == a_vector(1).tobytes()

    async def test_thousands_go_in_and_out_in_one_call(self, cache: VectorCache) -> None:
        kept = some(2_500)
        await cache.save(SPACE, kept)
        found = await cache.find(SPACE, list(kept))
        assert all(found[text].tobytes() == kept[text].tobytes() for text in kept)

    async def test_many_callers_at_once_get_what_is_theirs(self, cache: VectorCache) -> None:
        async def one(i: int) -> bool:
            await cache.save(SPACE, {f"text {i}": a_vector(i)})
            found = await cache.find(SPACE, [f"text {i}"])
            return found[f"text {i}"].tobytes() == a_vector(i).tobytes()

        assert all(await asyncio.gather(*(one(i) for i in range(50))))

    async def test_who_changes_what_was_found_changes_nothing(self, cache: VectorCache) -> None:
        await cache.save(SPACE, {"one": a_vector(1)})
        (await cache.find(SPACE, ["one"]))["one"][0] = 9
        assert (await cache.find(SPACE, ["one"]))["one"].tobytes() == a_vector(1).tobytes()
