"""A canary: a share of a tenant's conversations is answered by another model, or another prompt.

Which ones, a hash says, so that every replica says the same and a conversation stays where it is.
Another trial draws other conversations. Compares nothing: that is `eval/arms.py`.
"""

from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from domain.ids import fingerprint

Arm = Literal["", "control", "canary"]  # "": takes no part

CHAIN = "canary"  # whose models the canary's are, as the gateway knows them


@dataclass(frozen=True, slots=True)
class Trial:
    share: float
    chain: str = ""  # of models; empty: the usual ones
    prompt: str = ""  # empty: the usual one
    tenants: tuple[str, ...] | None = None  # None: all

    @property
    def id(self) -> str:
        """The same for what is on trial, however large its share and whoever takes part."""
        return fingerprint(self.chain, self.prompt)

    def arm(self, tenant: str, key: str) -> Arm:
        """`key`: what stays together, a session or else a question alone."""
        if self.tenants is not None and tenant not in self.tenants:
            return ""
        text = f"{self.chain}\0{self.prompt}\0{tenant}\0{key}"
        drawn = sha256(text.encode()).digest()
        return "canary" if int.from_bytes(drawn[:8]) / 2**64 < self.share else "control"
