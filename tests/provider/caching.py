"""The prompt caches of all models that the provider has: what each request reads and writes."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Any

from tests.provider.prompt_cache import Block, Counted, PromptCache, Rules, rules_of

Json = dict[str, Any]

_KEYS = ("x-api-key", "x-goog-api-key", "authorization")


@dataclass(slots=True)
class Caches:
    clock: Callable[[], float] = monotonic
    rules: dict[str, Rules] = field(default_factory=dict)  # of models that are not as documented
    _caches: dict[tuple[str, Rules], PromptCache] = field(default_factory=dict)

    def forget(self) -> None:
        self.clock = monotonic
        self.rules.clear()
        self._caches.clear()

    def asked(
        self, model: str, body: Json, headers: Mapping[str, str], blocks: Iterable[Block]
    ) -> Counted | None:
        """None: nothing is known of a cache of this model."""
        rules = self.rules.get(model) or rules_of(model, body.get("prompt_cache_retention"))
        if rules is None:
            return None
        mode = (body.get("prompt_cache_options") or {}).get("mode")
        found = self._caches.setdefault((model, rules), PromptCache(rules)).ask(
            list(blocks),
            owner=next((headers[name] for name in _KEYS if name in headers), ""),
            key=body.get("prompt_cache_key") or "",
            now=self.clock(),
            implicit=mode != "explicit",
        )
        return found if rules.charged else replace(found, written=0, lives=())
