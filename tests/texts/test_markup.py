"""HTML given as text: what nobody reads on the page is not read, and every offset is of the text as given."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.meetings.extract.extractor import default_extractor, parse_published
from pipeline.meetings.extract.markup import without_markup

PAGE = (
    "<!doctype html><html><head><title>Lavrov met Blinken in Paris</title>"
    "<script>var x = 'Blinken met Lavrov in Paris on Monday.';</script><style>p { color: red }</style></head>"
    "<body><nav>Burns met Lavrov in London.</nav><article><h1>Spy chiefs meet</h1>"
    "<p>CIA director <b>William Burns</b> met SVR director Sergei Naryshkin in Ankara on Monday.</p>"
    "<!-- in Moscow --></article></body></html>"
)


def test_a_page_is_read_as_its_readers_see_it() -> None:
    found = default_extractor().extract(PAGE, published=parse_published("2022-11-14"))
    (meeting,) = found.meetings
    assert (meeting.city, str(meeting.date_from)) == ("Ankara", "2022-11-14")
    assert {p.name for p in meeting.participants} == {"William Burns", "Sergei Naryshkin"}
    assert all(PAGE[span.start : span.end] == span.text for span in meeting.evidence)


def test_plain_text_with_signs_is_no_markup() -> None:
    text = "The share fell to <5% & rose; Burns <-> Naryshkin"
    assert without_markup(text) == text


@given(st.text(alphabet="<>/!- \n\"'&;abpscriptdv", max_size=300))
def test_the_length_stays(text: str) -> None:
    assert len(without_markup(text)) == len(text)


def test_unclosed_tags_cost_one_pass() -> None:
    hostile = "<p>" + "<script><!-- <style " * 50_000
    assert len(without_markup(hostile)) == len(hostile)
