"""Mails as they are sent: what was said, and nothing of how it was carried."""

from email.message import EmailMessage

from ingest.draft import Parsed
from ingest.readers.mail import read_eml


def parsed(data: bytes) -> Parsed:
    return read_eml(data).parsed("t", "message/rfc822")


def a_mail(subject: str = "Gate code") -> EmailMessage:
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = subject, "Ada <ada@a.example>", "b@b.example"
    mail["Received"] = "from secret-relay by another"
    mail.set_content("The gate code is 4711.\n\nKeep it.\n")
    return mail


def test_the_subject_is_the_heading_and_headers_are_metadata() -> None:
    mail = parsed(a_mail().as_bytes())
    assert mail.text == "# Gate code\n\nThe gate code is 4711.\n\nKeep it."
    assert mail.title == "Gate code"
    assert mail.metadata["from"] == "Ada <ada@a.example>"
    assert "relay" not in mail.text


def test_of_two_versions_the_plain_one_is_read() -> None:
    mail = a_mail()
    mail.add_alternative("<p>The same in <b>HTML</b></p>", subtype="html")
    assert "HTML" not in parsed(mail.as_bytes()).text


def test_a_page_is_read_where_there_is_no_plain_version() -> None:
    mail = a_mail()
    mail.set_content("<h2>Rota</h2><ul><li>Mon</li><li>Tue</li></ul>", subtype="html")
    assert "- Mon\n- Tue" in parsed(mail.as_bytes()).text


def test_attachments_are_named_and_mails_within_are_sections() -> None:
    mail = a_mail()
    mail.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="plan.pdf")
    mail.add_attachment(a_mail("The older one"))
    text = parsed(mail.as_bytes()).text
    assert "Attachments: plan.pdf" in text
    assert "## The older one" in text


def test_encoded_words_and_unknown_charsets_are_read_as_far_as_can_be() -> None:
    data = (
        b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\nContent-Type: text/plain; charset=x-none\n"
        b"Content-Transfer-Encoding: quoted-printable\n\nSch=C3=B6n\n"
    )
    assert parsed(data).text == "# Grüße\n\nSchön"


def test_a_torn_mail_gives_what_is_there() -> None:
    mail = a_mail()
    mail.add_attachment(b"x" * 500, maintype="application", subtype="pdf", filename="plan.pdf")
    data = mail.as_bytes()
    assert "4711" in parsed(data[: len(data) - 400]).text
