"""What a collection is called on a Qdrant server: an alias, which can be moved in one step."""

from qdrant_client import AsyncQdrantClient, models

PREFIX = "forebay_"


def stands_for(name: str, real: str) -> models.CreateAliasOperation:
    made = models.CreateAlias(alias_name=PREFIX + name, collection_name=real)
    return models.CreateAliasOperation(create_alias=made)


def no_more(name: str) -> models.DeleteAliasOperation:
    gone = models.DeleteAlias(alias_name=PREFIX + name)
    return models.DeleteAliasOperation(delete_alias=gone)


async def shown(client: AsyncQdrantClient) -> dict[str, str]:
    """The collections that a service sees, by name; the value is what each stands for."""
    found = await client.get_aliases()
    return {
        alias.alias_name.removeprefix(PREFIX): alias.collection_name
        for alias in found.aliases
        if alias.alias_name.startswith(PREFIX)
    }
