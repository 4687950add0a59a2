"""What a collection is called on a Qdrant server: an alias, which can be moved in one step."""

from qdrant_client import models

PREFIX = "forebay_"


def stands_for(name: str, real: str) -> models.CreateAliasOperation:
    made = models.CreateAlias(alias_name=PREFIX + name, collection_name=real)
    return models.CreateAliasOperation(create_alias=made)


def no_more(name: str) -> models.DeleteAliasOperation:
    gone = models.DeleteAlias(alias_name=PREFIX + name)
    return models.DeleteAliasOperation(delete_alias=gone)
