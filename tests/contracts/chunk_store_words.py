"""What every chunk store must pass when it is asked in words of several languages."""

from domain.hits import HybridQuery
from domain.ports import ChunkStore
from tests.contracts.chunk_store import NAME, TENANT, WithStore, passage


class Speaking(WithStore):
    async def test_words_are_found_as_their_language_bends_them(self, store: ChunkStore) -> None:
        texts = {"de": "Die Häuser stehen leer.", "en": "The houses are empty."}
        chunks = [passage(n, text, language=n) for n, text in texts.items()]
        await store.upsert(TENANT, NAME, chunks)
        for language, asked, found in (("de", "leeres Haus", "de"), ("", "an empty house", "en")):
            hits = await store.query(TENANT, NAME, HybridQuery(text=asked, language=language))
            assert [hit.chunk.language for hit in hits] == [found]

    async def test_scripts_without_blanks_are_found_by_words(self, store: ChunkStore) -> None:
        texts = ("北京大学的学生在图书馆学习", "上海有很多工厂")
        await store.upsert(TENANT, NAME, [passage(text[:2], text) for text in texts])
        hits = await store.query(TENANT, NAME, HybridQuery(text="图书馆在哪里"))
        assert [hit.chunk.text for hit in hits] == [texts[0]]
