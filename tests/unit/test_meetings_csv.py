"""``meetings.csv``: what each column may hold, and that a bad row is named while the others go on."""

from datetime import UTC, date, datetime

import pytest

from pipeline.meetings.csv_import import COLUMNS, parse_meetings
from pipeline.model.entities import Participant
from pipeline.model.errors import InputError
from pipeline.model.origin import Origin
from pipeline.places.gazetteer import load_gazetteer

HEADER = ",".join((*COLUMNS, "status", "kind", "precision", "date_precision", "note"))
ANKARA = (
    "c001,CIA and SVR chiefs meet,Ankara,TR,2022-11-14,2022-11-14,"
    "William Burns|CIA Director|US;Sergei Naryshkin|SVR Director|RU|SVR,https://a.example/1;Kommersant,2022-11-14T12:00Z,,,,,"
)


def parse(*rows, header=HEADER, **options):
    body = "\n".join((header, *rows)).encode()
    return parse_meetings(body, name="meetings.csv", gazetteer=load_gazetteer(), origin=Origin.RECORDED, **options)


def test_a_full_row_becomes_a_meeting():
    (meeting,), problems = parse(ANKARA)
    assert problems == []
    assert meeting.meeting_id == "c001"
    assert (meeting.city, meeting.country, meeting.precision) == ("Ankara", "TR", "city")
    assert (meeting.start, meeting.end) == (datetime(2022, 11, 13, 21, tzinfo=UTC), datetime(2022, 11, 14, 21, tzinfo=UTC))
    assert (meeting.date_from, meeting.date_to, meeting.date_precision) == (date(2022, 11, 14), date(2022, 11, 14), "day")
    assert meeting.participants == (
        Participant(name="William Burns", title="CIA Director", state="US"),
        Participant(name="Sergei Naryshkin", title="SVR Director", state="RU", agency="SVR"),
    )
    assert meeting.sources == ("https://a.example/1", "Kommersant")
    assert meeting.published == datetime(2022, 11, 14, 12, tzinfo=UTC)
    assert (meeting.status, meeting.kind, meeting.origin) == ("reported", "meeting", Origin.RECORDED)


def test_every_bad_row_is_named_with_its_line_and_the_rest_goes_on():
    meetings, problems = parse(
        ANKARA,
        ",naive,Ankara,TR,2022-11-14T10:00,,,,,,,,,",
        ",no day,Ankara,TR,2022-02-30,,,,,,,,,",
        ",order,Ankara,TR,2022-11-15,2022-11-14,,,,,,,,",
        ",bad state,Ankara,TR,2022-11-14,,Somebody|Minister|UK,,,,,,,",
        ",bad status,Ankara,TR,2022-11-14,,,,,held,,,,",
        ",short row,Ankara,TR",
        ",,Ankara,TR,2022-11-14,,,,,,,,,",
        ",nowhere,,,2022-11-14,,,,,,,,,",
        ",ages,Ankara,TR,2020-01-01,2022-11-14,,,,,,,,",
        ",last,Ankara,TR,2022-11-16,,,,,,,,,",
    )
    assert [m.title for m in meetings] == ["CIA and SVR chiefs meet", "last"]
    assert sorted(p.where for p in problems) == sorted(f"meetings.csv line {n}" for n in range(3, 12))
    by_line = {p.where.rpartition(" ")[2]: p for p in problems}
    assert "--assume-utc" in by_line["3"].hint
    assert "2022-02-30" in str(by_line["4"])
    assert "GB" in by_line["6"].hint
    assert "announced" in str(by_line["7"])
    assert "longer than" in str(by_line["11"])


def test_a_naive_clock_time_is_utc_only_when_asked():
    (meeting,), problems = parse(",t,Ankara,TR,2022-11-14T10:00,2022-11-14T12:30,,,,,,,,", assume_utc=True)
    assert problems == []
    assert (meeting.start, meeting.end) == (datetime(2022, 11, 14, 10, tzinfo=UTC), datetime(2022, 11, 14, 12, 30, tzinfo=UTC))
    assert meeting.date_precision == "minute"


def test_namibia_is_a_country():
    (meeting,), problems = parse(",visit,Windhoek,NA,2022-11-14,,Somebody|President|NA,,,,,,,")
    assert problems == []
    assert (meeting.country, meeting.participants[0].state) == ("NA", "NA")


def test_a_day_and_a_clock_time_may_be_mixed():
    (meeting,), problems = parse(",t,Ankara,TR,2022-11-14,2022-11-15T15:00+03:00,,,,,,,,")
    assert problems == []
    assert (meeting.start, meeting.end) == (datetime(2022, 11, 13, 21, tzinfo=UTC), datetime(2022, 11, 15, 12, tzinfo=UTC))
    assert (meeting.date_from, meeting.date_to, meeting.date_precision) == (date(2022, 11, 14), date(2022, 11, 15), "days")


def test_a_clock_time_late_in_the_evening_is_the_next_civil_day_in_taipei():
    (meeting,), _ = parse(",t,Taipei,TW,2022-08-02T17:00Z,,,,,,,,,")
    assert meeting.date_from == date(2022, 8, 3)
    assert meeting.start == meeting.end == datetime(2022, 8, 2, 17, tzinfo=UTC)


def test_the_day_that_the_clocks_change_has_its_own_length():
    (spring, autumn), _ = parse(",a,Paris,FR,2022-03-27,,,,,,,,,", ",b,Paris,FR,2022-10-30,,,,,,,,,")
    assert (spring.end - spring.start).total_seconds() == 23 * 3600
    assert (autumn.end - autumn.start).total_seconds() == 25 * 3600


def test_a_whole_month_is_a_month():
    (meeting,), _ = parse(",t,Ankara,TR,2022-02,,,,,,,,,")
    assert (meeting.date_from, meeting.date_to, meeting.date_precision) == (date(2022, 2, 1), date(2022, 2, 28), "month")


def test_without_a_city_the_day_spans_every_zone_of_the_country():
    (meeting,), problems = parse(",t,,RU,2022-11-14,,Somebody||IR,,,,,,,")
    assert problems == []
    assert (meeting.city, meeting.precision) == ("", "country")
    assert (meeting.end - meeting.start).total_seconds() > 24 * 3600


def test_a_city_without_its_country_is_found_when_there_is_only_one():
    (meeting,), problems = parse(",t,Ankara,,2022-11-14,,,,,,,,,")
    assert problems == []
    assert (meeting.city, meeting.country) == ("Ankara", "TR")


def test_other_spellings_become_the_gazetteers_name():
    (meeting,), problems = parse(",t,MOSKVA,RU,2022-11-14,,,,,,,,,")
    assert problems == []
    assert meeting.city == "Moscow"


def test_an_unknown_city_is_kept_at_the_level_of_its_country_and_reported():
    (meeting,), (problem,) = parse(",t,Ankra,TR,2022-11-14,,,,,,,venue,,")
    assert (meeting.city, meeting.country, meeting.precision) == ("Ankra", "TR", "country")
    assert "Ankara, TR" in problem.hint
    assert "kept" in problem.reason
    assert "Ankra" in meeting.note


def test_a_code_that_is_no_states_is_kept_and_reported():
    (meeting,), (problem,) = parse(",t,Ankara,TR,2022-11-14,,A|President|QZ;B|Minister|US,,,,,,,")
    assert [p.state for p in meeting.participants] == ["QZ", "US"]
    assert problem.where == "meetings.csv line 2"
    assert problem.reason.startswith("QZ is no state's")


def test_the_same_id_twice_is_a_problem_and_the_first_stays():
    meetings, (problem,) = parse(ANKARA, ANKARA.replace("2022-11-14,2022-11-14", "2022-11-15,2022-11-15"))
    assert [m.date_from for m in meetings] == [date(2022, 11, 14)]
    assert "line 2" in problem.reason
    assert problem.where == "meetings.csv line 3"


def test_an_empty_id_is_minted_from_the_content_alone():
    row = ",A title,Ankara,TR,2022-11-14,,,,,,,,,"
    (first,), _ = parse(row)
    (_, second), _ = parse("# a comment,,,,,,,,,,,,,", ANKARA, row)
    assert first.meeting_id == second.meeting_id
    assert first.meeting_id.startswith("mtg-")
    (other,), _ = parse(row.replace("-14", "-15"))
    assert other.meeting_id != first.meeting_id


def test_the_same_row_twice_without_ids_is_a_problem():
    row = ",A title,Ankara,TR,2022-11-14,,,,,,,,,"
    meetings, (problem,) = parse(row, row)
    assert len(meetings) == 1
    assert "the same meeting" in problem.reason


def test_participants_need_only_a_name():
    (meeting,), problems = parse(",t,Ankara,TR,2022-11-14,,Russian delegation;Hakan Fidan|Foreign Minister;|;,,,,,,,")
    assert problems == []
    assert meeting.participants == (Participant(name="Russian delegation"), Participant(name="Hakan Fidan", title="Foreign Minister"))


def test_hostile_text_is_one_harmless_line():
    (meeting,), _ = parse(f',"talks\u202e\r\nBcc: x\x07 {"a" * 10_000}",Ankara,TR,2022-11-14,,,,,,,,,')
    assert len(meeting.title) <= 300
    assert not set("\u202e\r\n\x07") & set(meeting.title)
    assert meeting.title.startswith("talks Bcc: x a")


def test_optional_columns_may_be_absent_but_not_the_needed_ones():
    (meeting,), _ = parse("t,Ankara,TR,2022-11-14,", header="title,city,country,start,participants")
    assert meeting.sources == ()
    with pytest.raises(InputError, match="participants"):
        parse("t,Ankara,TR,2022-11-14", header="title,city,country,start")


def test_a_torn_quote_does_not_take_the_rows_before_it():
    meetings, problems = parse(ANKARA, ',"torn,Ankara,TR,2022-11-14,,,,,,,,,')
    assert len(meetings) == 1
    assert len(problems) == 1
