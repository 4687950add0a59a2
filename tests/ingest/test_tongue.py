"""The language of a text, or none when it cannot be told."""

import time

import pytest

from ingest.tongue import language_of
from tests.ingest.reading import read


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("en", "The door is open and the cat has gone out to see what it can find."),
        ("de", "Die Tür ist offen, und die Katze ist nicht mehr da, weil sie auf die Straße ging."),
        ("fr", "La porte est ouverte et le chat est parti pour voir ce qui se passe dans la rue."),
        ("es", "La puerta está abierta y el gato se fue a ver lo que pasa en la calle."),
        ("it", "La porta è aperta e il gatto è andato a vedere che cosa succede nella strada."),
        ("pt", "A porta está aberta e o gato foi ver o que se passa na rua, mas não voltou."),
        (
            "nl",
            "De deur is open en de kat is niet meer in het huis, want zij werd door een hond gezien.",  # noqa: E501
        ),
        ("sv", "Dörren är öppen och katten har gått ut för att se vad som händer på gatan."),
        ("da", "Døren er åben, og katten er gået ud for at se, hvad der sker på gaden af byen."),
        ("no", "Døren er åpen, og katten har gått ut for å se hva som skjer på gata etter jul."),
        ("fi", "Ovi on auki ja kissa on mennyt ulos, mutta se ei ole vielä tullut takaisin."),
        ("pl", "Drzwi są otwarte i kot wyszedł, żeby zobaczyć, co się dzieje na ulicy."),
        ("cs", "Dveře jsou otevřené a kočka šla ven, protože byla sama a nebylo to pro ni."),
        ("hu", "Az ajtó nyitva van, és a macska kiment, hogy megnézze, mi történik az utcán."),
        ("ro", "Ușa este deschisă și pisica a ieșit pentru că nu mai era nimeni în casă."),
        ("tr", "Kapı açık ve kedi sokakta ne olduğunu görmek için dışarı çıktı ama daha gelmedi."),
        ("vi", "Cánh cửa đã mở và con mèo đi ra ngoài để xem những gì có trong phố."),
        ("id", "Pintu itu terbuka dan kucing sudah pergi ke luar untuk melihat apa yang ada."),
        ("ru", "Дверь открыта, и кошка ушла посмотреть, что это было и как оно там на улице."),
        ("uk", "Двері відчинені, і кішка пішла подивитися, що це було та як воно там є."),
        ("ar", "الباب مفتوح و القطة ذهبت إلى الشارع من أجل أن ترى ما حدث في المدينة"),
        ("fa", "در باز است و گربه به خیابان رفته تا ببیند که چه شده است"),
        ("hi", "दरवाज़ा खुला है और बिल्ली गली में देखने के लिए गई है कि क्या हुआ"),
        ("ja", "ドアが開いていて、猫は外に出て行きました。"),
        ("zh", "门开着，猫出去看街上发生了什么事。"),
        ("ko", "문이 열려 있고 고양이가 밖으로 나갔습니다."),
        ("el", "Η πόρτα είναι ανοιχτή."),
        ("he", "הדלת פתוחה והחתול יצא."),
        ("th", "ประตูเปิดอยู่และแมวออกไปแล้ว"),
    ],
)
def test_it_is_told(code: str, text: str) -> None:
    assert language_of(text) == code


@pytest.mark.parametrize(
    "text",
    ["", "42", "Quarterly report 2023", "x = foo(bar)", "id | name | price", "OK"],
    ids=["nothing", "number", "title", "code", "columns", "word"],
)
def test_what_is_too_little_has_none(text: str) -> None:
    assert not language_of(text)


def test_a_long_text_costs_no_more_than_its_sample() -> None:
    text = "The door is open and the cat has gone out. " * 100_000
    began = time.perf_counter()
    assert language_of(text) == "en"
    assert time.perf_counter() - began < 0.05


def test_code_does_not_decide_the_language_of_a_document() -> None:
    code = "\n".join(f"the = and_of(to, {i})  # the of and in is" for i in range(50))
    parsed = read("a.md", f"Die Tür ist offen, und die Katze ist nicht da.\n\n```\n{code}\n```")
    assert parsed.language == "de"


def test_what_a_document_says_of_itself_helps_where_its_text_is_short() -> None:
    assert read("a.xml", '<doc xml:lang="sv-SE"><p>Katt</p></doc>').language == "sv"
