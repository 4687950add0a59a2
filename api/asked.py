"""What a client asks, as the question that is answered. Knows no way of answering it."""

import json
from dataclasses import dataclass, replace

from answering.brought import Brought
from answering.question import Question
from answering.structure import wanted
from api.access import Caller
from api.bodies import AskBody, ImageBody, SearchBody
from domain.boost_json import boosts_from_json
from domain.errors import InvalidInput
from domain.filter_json import filter_from_json
from domain.prompt import Image
from wiring.choices import Choices
from wiring.services import Services


@dataclass(frozen=True, slots=True)
class Asked:
    """All that `Services.ask` takes."""

    question: Question
    config: str
    choices: Choices


def asked(body: AskBody, asking: Caller, services: Services) -> Asked:
    """What cannot be is refused here, before an answer begins."""
    question = question_of(body, body.question, asking, services)
    if body.response_schema is not None:
        schema = json.dumps(body.response_schema, ensure_ascii=False)
        wanted(schema)
        question = replace(question, schema=schema)
    question = replace(
        question,
        session=None if body.session is None else asking.room + body.session,
        tier=body.tier or "",
        effort=body.effort,
        strategy=body.strategy,
        document=body.document,
        accept_cost=body.accept_cost,
        tools=body.tools,
        brought=_brought(body),
    )
    return allowed(Asked(question, body.config, body), services)


def allowed(asked: Asked, services: Services) -> Asked:
    asked.choices.over(services.settings)
    if asked.question.brought.images and not services.settings.answers_with_openai:
        raise InvalidInput(
            "This service answers without a model, and cannot see images. Leave `images` out, "
            "or set OPENAI_API_KEY.",
            field="images",
        )
    return asked


def question_of(
    body: SearchBody | AskBody, text: str, asking: Caller, services: Services
) -> Question:
    named = body.collection or services.settings.collection
    collection, *further = [named] if isinstance(named, str) else named
    asking.check(collection, *further)
    return Question(
        text=text,
        tenant=asking.tenant,
        collection=collection,
        further=tuple(further),
        boosts=None if body.boost is None else boosts_from_json(body.boost),
        where=filter_from_json(body.filter),
        limit=body.limit,
        explain=body.explain,
        key=asking.key.name if asking.key else "",
        key_cap=asking.key.monthly_microdollars if asking.key else None,
    )


def _brought(body: AskBody) -> Brought:
    dollars = body.budget_dollars
    return Brought(
        images=tuple(map(_image, body.images)),
        microdollars=None if dollars is None else round(dollars * 1_000_000),
    )


def _image(body: ImageBody) -> Image:
    return Image(body.media_type or "", body.data or b"", body.url or "", body.detail)
