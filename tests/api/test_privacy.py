"""What a service says of itself has no key, no question and no text of a document in it."""

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from tests.service import environment

KEY = "operator-key-5f0c"
QUESTION = "Which quokka guards the vermilion ledger?"
TEXT = "The quokka Ottokar guards the vermilion ledger from sunset on."
SECRETS = ("quokka", "vermilion", "Ottokar", KEY, "fb_")


@pytest.fixture(scope="module")
def said(handbook_data: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """All that a service has written, after it was asked well and badly."""
    folder = tmp_path_factory.mktemp("privacy")
    data = Path(shutil.copytree(handbook_data, folder / "data"))
    log = folder / "log"
    with log.open("w") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", "forebay", "serve", "--json"],
            env=environment(data, FOREBAY_API__PORT="0", FOREBAY_API__KEY=KEY),
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        headers = {"Authorization": f"Bearer {KEY}"}
        with httpx2.Client(base_url=url, timeout=30, headers=headers, trust_env=False) as client:
            metrics = asked(client)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)
    written = log.read_text()
    assert '"route": "/v1/ask"' in written
    return written + metrics


def asked(client: httpx2.Client) -> str:
    secret = client.post("/v1/keys", json={"name": "wiki"}).json()["secret"]
    wiki = {"Authorization": f"Bearer {secret}"}
    job = client.post("/v1/documents", files={"files": ("Ottokar.md", TEXT.encode())})
    client.get(job.headers["location"], headers={"accept": "text/event-stream"})
    body = {"question": QUESTION, "session": "quokka"}
    client.post("/v1/ask", json=body, headers=wiki)
    client.post("/v1/ask", json={**body, "stream": True}, headers=wiki)
    client.post("/v1/search", json={"question": QUESTION, "filter": {"quokka": "vermilion"}})
    client.post("/v1/ask", json={"question": QUESTION, "quokka": 1})
    client.post("/v1/ask", content=f'{{"question": "{QUESTION}')
    client.post("/v1/chat/completions", json={"model": "forebay", "messages": [
        {"role": "user", "content": QUESTION}]})  # fmt: skip
    client.post("/v1/documents", files={"files": ("quokka.pdf", b"%PDF-1.7 vermilion")})
    client.get(f"/v1/documents/{TEXT}/text")
    client.get("/v1/about", headers={"Authorization": "Bearer fb_vermilion"})
    client.get(f"/quokka?key={KEY}")
    return client.get("/metrics").text


@pytest.mark.parametrize("secret", SECRETS)
def test_log_and_metrics_keep_it_to_themselves(said: str, secret: str) -> None:
    lines = [line for line in said.splitlines() if secret in line]
    assert not lines
