"""What stands beside a question: settings, images, and the button that stops the answer."""

import json
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from time import monotonic

import pytest
from playwright.sync_api import Page, expect

from tests.page.acts import QUESTION, ask, more
from tests.page.conftest import Firm
from tests.provider.faults import Fault
from tests.provider.script import Reply

Enter = Callable[..., Page]
STALLS = Reply("Backups are kept for 35 days. " * 5, fault=Fault("stall", after=8, seconds=30))
GIVE = """(field, [kind, bytes]) => {
  const data = new DataTransfer();
  data.items.add(new File([new Uint8Array(bytes)], "pasted.png", { type: "image/png" }));
  const said = { bubbles: true, cancelable: true };
  field.dispatchEvent(
    kind === "paste"
      ? new ClipboardEvent("paste", { ...said, clipboardData: data })
      : new DragEvent("drop", { ...said, dataTransfer: data }),
  );
}"""


def png() -> bytes:
    """One grey dot."""
    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(b"\0\x80")), (b"IEND", b""))
    chunks = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def sent(firm: Firm) -> str:
    """What the model was asked last."""
    return json.dumps(firm.model.received[-1].body)


def calls(firm: Firm) -> int:
    """That are booked."""
    days = firm.keyed.client.get(
        "/v1/figures", headers={"Authorization": f"Bearer {firm.secrets['operator']}"}
    ).json()["days"]
    return sum(day["calls"] for day in days)


def test_stop_ends_the_call_to_the_model_and_it_is_booked(enter: Enter, firm: Firm) -> None:
    page = enter("asks")
    before, begun = calls(firm), monotonic()
    firm.model.answer(STALLS)
    page.get_by_role("textbox", name="Question").fill(QUESTION)
    page.keyboard.press("Enter")
    page.get_by_text("Backups are").first.wait_for()
    with page.expect_response(lambda one: one.request.method == "DELETE") as deleted:
        page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("article")).to_contain_text("Stopped.")
    assert deleted.value.status == 204
    while calls(firm) == before:
        page.wait_for_timeout(50)
        assert monotonic() - begun < 20
    assert not firm.model.served[-1].whole


def test_settings_go_with_the_question_and_are_remembered(enter: Enter) -> None:
    page = more(enter("asks"))
    page.get_by_label("Effort").select_option("low")
    page.get_by_role("spinbutton", name="Passages").fill("2")
    with page.expect_request("**/v1/ask") as asked:
        ask(page)
    body = asked.value.post_data_json or {}
    assert (body["effort"], body["limit"], "strategy" in body) == ("low", 2, False)
    page.reload()
    more(page)
    expect(page.get_by_label("Effort")).to_have_value("low")
    page.get_by_role("button", name="Back to the usual ones").click()
    expect(page.get_by_role("spinbutton", name="Passages")).to_have_value("")


def test_a_document_that_is_not_there_is_told(enter: Enter, firm: Firm) -> None:
    page = more(enter("asks"))
    page.get_by_role("combobox", name="Read").select_option("document")
    page.get_by_role("textbox", name="Document").fill("no-such-file.md")
    page.get_by_role("textbox", name="Question").fill(QUESTION)
    page.get_by_role("button", name="Ask").click()
    expect(page.get_by_role("alert")).to_contain_text("no-such-file.md")
    assert firm.model.received == []


def test_an_image_that_is_chosen_is_seen_by_the_model(
    enter: Enter, firm: Firm, tmp_path: Path
) -> None:
    image, large = tmp_path / "pump.png", tmp_path / "large.png"
    image.write_bytes(png())
    large.write_bytes(b"\0" * 5_100_000)
    page = more(enter("asks"))
    page.get_by_label("Add images").set_input_files([image, large])
    expect(page.get_by_text("large.png has 5.1 MB; an image may have 5 MB.")).to_be_visible()
    ask(page, "What does this show?")
    assert sent(firm).count("data:image/png;base64,") == 1
    expect(page.get_by_role("list", name="Images")).to_have_count(0)
    expect(page.get_by_role("article").get_by_role("img", name="pump.png")).to_be_visible()


@pytest.mark.parametrize("kind", ["paste", "drop"])
def test_an_image_is_taken_into_the_question(enter: Enter, kind: str) -> None:
    page = enter("asks")
    page.get_by_role("textbox", name="Question").evaluate(GIVE, [kind, list(png())])
    page.get_by_role("img", name="pasted.png").wait_for()
    page.get_by_role("button", name="Remove pasted.png").click()
    expect(page.get_by_role("img", name="pasted.png")).to_have_count(0)


def test_without_a_model_an_image_is_refused_in_words(page: Page, url: str) -> None:
    page.goto(url)
    page.get_by_role("textbox", name="Question").evaluate(GIVE, ["paste", list(png())])
    expect(page.get_by_text("cannot see images")).to_be_visible()
    more(page)
    expect(page.get_by_label("Effort")).to_have_count(0)
