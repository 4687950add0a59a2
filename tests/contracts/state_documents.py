"""What every DocumentRegistry must do. Needs a fixture `documents`, empty."""

from dataclasses import replace

from domain.documents import DocumentRecord
from domain.ids import document_id
from domain.state_ports import DocumentRegistry


def a_record(
    source: str = "a.md",
    *,
    tenant: str = "acme",
    collection: str = "default",
    version: str = "v1",
    ingested_at: str = "2026-11-03T09:30:00.123456+00:00",
    root: str = "",
) -> DocumentRecord:
    return DocumentRecord(
        id=document_id(tenant, collection, source),
        tenant=tenant,
        collection=collection,
        source=source,
        title="Über › everything 🌊",
        version=version,
        content_hash="0" * 64,
        media_type="text/markdown",
        size=5_000_000_000,  # more than 32 bits
        chunks=7,
        ingested_at=ingested_at,
        root=root,
    )


A = a_record()


class DocumentRegistryContract:
    async def test_a_saved_record_comes_back_as_it_was(self, documents: DocumentRegistry) -> None:
        await documents.save([A])
        assert await documents.find("acme", "default", A.id) == A

    async def test_what_was_never_saved_is_not_found(self, documents: DocumentRegistry) -> None:
        assert await documents.find("acme", "default", A.id) is None

    async def test_a_new_version_takes_the_place_of_the_old(
        self, documents: DocumentRegistry
    ) -> None:
        newer = replace(A, version="v2", title="New", chunks=9)
        await documents.save([A])
        await documents.save([newer])
        assert await documents.all("acme") == [newer]

    async def test_going_back_to_an_earlier_version_makes_it_current(
        self, documents: DocumentRegistry
    ) -> None:
        again = replace(A, ingested_at="2026-11-05T00:00:00+00:00")
        for record in (A, replace(A, version="v2"), again):
            await documents.save([record])
        assert await documents.all("acme") == [again]

    async def test_saving_twice_changes_nothing(self, documents: DocumentRegistry) -> None:
        await documents.save([A])
        await documents.save([A])
        assert await documents.all("acme") == [A]

    async def test_all_is_sorted_by_collection_then_source_letter_by_letter(
        self, documents: DocumentRegistry
    ) -> None:
        for source, collection in [("é", "a"), ("b", "a"), ("B", "a"), ("a-b", "a"), ("ab", "Z")]:
            await documents.save([a_record(source, collection=collection)])
        assert [r.source for r in await documents.all("acme")] == ["ab", "B", "a-b", "b", "é"]

    async def test_all_of_one_collection_leaves_out_the_others(
        self, documents: DocumentRegistry
    ) -> None:
        await documents.save([A])
        await documents.save([a_record(collection="other")])
        assert await documents.all("acme", "default") == [A]

    async def test_a_page_is_a_part_of_all_and_says_how_many_there_are(
        self, documents: DocumentRegistry
    ) -> None:
        for source in "dbca":
            await documents.save([a_record(source)])
        await documents.save([a_record("x", collection="other")])
        page = await documents.page("acme", "default", offset=1, limit=2)
        assert [record.source for record in page.documents] == ["b", "c"]
        assert page.total == 4
        assert (await documents.page("acme", None, offset=9, limit=2)).documents == ()

    async def test_the_tenants_of_a_collection_are_named_once_each(
        self, documents: DocumentRegistry
    ) -> None:
        for tenant, source in [("acme", "a"), ("acme", "b"), ("zeta", "a")]:
            await documents.save([a_record(source, tenant=tenant)])
        await documents.save([a_record(tenant="elsewhere", collection="other")])
        assert sorted(await documents.tenants("default")) == ["acme", "zeta"]

    async def test_an_announced_document_has_no_version_until_it_is_saved(
        self, documents: DocumentRegistry
    ) -> None:
        new = a_record("new.md", root="/docs")
        await documents.save([A])
        await documents.announce([A, new])
        assert {(r.source, r.version) for r in await documents.all("acme")} == {
            ("a.md", ""), ("new.md", ""),
        }  # fmt: skip
        assert (await documents.page("acme", None, offset=0, limit=9)).total == 0
        await documents.announce(await documents.all("acme"))
        await documents.save([A, new])
        assert await documents.all("acme") == [A, new]

    async def test_many_are_saved_and_forgotten_at_once(self, documents: DocumentRegistry) -> None:
        many = [a_record(f"{n:04}") for n in range(1203)]
        await documents.save(many)
        assert await documents.all("acme") == many
        await documents.forget("acme", "default", [record.id for record in many[1:]])
        assert await documents.all("acme") == many[:1]

    async def test_swapped_documents_are_those_of_the_other_collection(
        self, documents: DocumentRegistry
    ) -> None:
        await documents.save([A, a_record("gone.md")])
        await documents.save([replace(a_record("b.md"), collection="default~")])
        await documents.save([replace(a_record("c.md", tenant="b"), collection="default~")])
        await documents.swap("default", "default~")
        assert await documents.all("acme") == [a_record("b.md")]
        assert await documents.all("b") == [a_record("c.md", tenant="b")]

    async def test_a_forgotten_document_is_gone(self, documents: DocumentRegistry) -> None:
        kept = a_record("b.md")
        await documents.save([A])
        await documents.save([kept])
        await documents.forget("acme", "default", [A.id])
        assert await documents.all("acme") == [kept]

    async def test_forgetting_what_is_not_there_is_no_error(
        self, documents: DocumentRegistry
    ) -> None:
        await documents.forget("acme", "default", [A.id])

    async def test_a_tenant_finds_nothing_of_another(self, documents: DocumentRegistry) -> None:
        await documents.save([A])
        assert await documents.find("evil", "default", A.id) is None
        assert await documents.all("evil") == []
        assert await documents.all("evil", "default") == []

    async def test_a_tenant_cannot_forget_anothers_document(
        self, documents: DocumentRegistry
    ) -> None:
        await documents.save([A])
        await documents.forget("evil", "default", [A.id])
        assert await documents.all("acme") == [A]

    async def test_a_tenant_that_takes_anothers_id_does_not_touch_it(
        self, documents: DocumentRegistry
    ) -> None:
        await documents.save([A])
        await documents.save([replace(A, tenant="evil", title="Mine")])
        assert await documents.all("acme") == [A]
