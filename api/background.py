"""Answers what was asked in the background: reads the request again, as it was written down.

So it can be done by another process, later, as if it had come again.
"""

from dataclasses import dataclass, replace

from api import told
from api.access import Caller, is_loopback
from api.answers import write
from api.asked import asked
from api.bodies import AskBody
from domain.errors import ForebayError
from domain.jobs import JobState
from domain.kept import KeptAnswer
from domain.keys import ApiKey
from domain.request_id import REQUEST_ID
from wiring.answers import Answers, Give
from wiring.codec import from_json, to_json
from wiring.live import Lives
from wiring.services import Services
from wiring.webhook import Webhook


def open_answers(services: Services) -> Answers:
    """Nothing in the background is begun before they are served."""
    settings = services.settings
    webhook = Webhook(
        services.state.secret,
        private=settings.webhook.private,
        loopback=is_loopback(settings.api.host),
    )
    return Answers(services.state.kept, Lives(), webhook, give=giving(services), write=write)


@dataclass(frozen=True, slots=True)
class _Written:
    body: str
    key: ApiKey | None
    request: str


def written(body: AskBody, asking: Caller) -> str:
    said = body.model_dump_json(exclude_unset=True)
    return to_json(_Written(said, asking.key, REQUEST_ID.get())).decode()


def giving(services: Services) -> Give:
    async def give(kept: KeptAnswer) -> tuple[JobState, str]:
        said = from_json(_Written, kept.asked)
        REQUEST_ID.set(said.request)
        try:
            wish = asked(
                AskBody.model_validate_json(said.body),
                Caller(kept.tenant, key=said.key),
                services,
            )
            wish = replace(wish, question=replace(wish.question, id=kept.id))
            return "done", to_json(await told.answered(wish, services)).decode()
        except ForebayError as error:
            return "failed", to_json(told.failed(error)).decode()

    return give
