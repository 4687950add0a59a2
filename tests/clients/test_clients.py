"""Other people's clients, each in an environment of its own: `make test-clients`."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.api.modelled import modelled, provider, shared
from tests.provider.script import Call, Reply
from tests.provider.server import Provider
from tests.service import handbook_data

__all__ = ["handbook_data", "modelled", "provider", "shared"]

HERE = Path(__file__).parent
WHERE = os.environ.get("FOREBAY_TEST_CLIENTS", "")
pytestmark = pytest.mark.skipif(
    not WHERE, reason="FOREBAY_TEST_CLIENTS names no folder of environments: make test-clients"
)
SAID = "Kept for 35 days [1]."


def test_langchain(modelled: httpx2.Client, provider: Provider) -> None:
    call = Call("find_ticket", '{"number": 7}')
    provider.say(SAID, SAID, SAID)
    provider.answer(Reply(calls=(call,)), Reply('{"days": 35}'))
    said = json.loads(ran("langchain/bin/python", HERE / "asks_langchain.py", base(modelled)))
    assert (said["whole"], said["streamed"], said["response"]) == (SAID, SAID, SAID)
    assert (said["called"], said["data"]) == ({"number": 7}, {"days": 35})
    assert said["dimensions"] == 384


def test_llama_index(modelled: httpx2.Client, provider: Provider) -> None:
    provider.say(SAID, SAID, SAID)
    said = json.loads(ran("llama-index/bin/python", HERE / "asks_llama_index.py", base(modelled)))
    assert set(said.values()) == {SAID}


@pytest.mark.parametrize("more", [["--no-stream"], []], ids=["whole", "streamed"])
def test_the_llm_command(
    modelled: httpx2.Client, provider: Provider, tmp_path: Path, more: list[str]
) -> None:
    provider.say(SAID)
    model = [{"model_id": "forebay", "model_name": "forebay/default", "api_base": base(modelled)}]
    (tmp_path / "extra-openai-models.yaml").write_text(json.dumps(model))
    asked = ["-m", "forebay", "--key", "none", *more, "How long are backups kept?"]
    assert ran("llm/bin/llm", *asked, LLM_USER_PATH=str(tmp_path)).strip() == SAID


def base(client: httpx2.Client) -> str:
    return f"{str(client.base_url).rstrip('/')}/v1"


def ran(program: str, *arguments: Any, **environ: str) -> str:
    done = subprocess.run(
        [str(Path(WHERE) / program), *map(str, arguments)],
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
