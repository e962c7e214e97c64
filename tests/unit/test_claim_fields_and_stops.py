"""Where a claim was, when only the field's own name says it; stops on the way; serials behind a type."""

from __future__ import annotations

import pytest

from pipeline.meetings.extract.extractor import default_extractor, parse_published

#: Language, sentence, and of each claim in it its event, tail and field.
CASES = (
    ("en", "Gulfstream 7T-VPM left Boufarik at 9:05 pm.", "takeoff 7TVPM DAAK"),
    ("en", "The Gulfstream 7T-VPM was airborne out of Boufarik at 21:05.", "takeoff 7TVPM DAAK"),
    ("fr", "L'avion 7T-VPM a décollé de Boufarik à 21h05.", "takeoff 7TVPM DAAK"),
    ("de", "Die Maschine 7T-VPM verließ Boufarik um 21.05 Uhr.", "takeoff 7TVPM DAAK"),
    ("es", "El avión 7T-VPM despegó de Los Llanos a las 9:05.", "takeoff 7TVPM LEAB"),
    ("tr", "Uçak (7T-VPM) Boufarik'ten 21.05'te havalandı.", "takeoff 7TVPM DAAK"),
    ("tr", "Mısırlı bakanı getiren uçak (SU-BTU) öğleden sonra Şakirpaşa'ya indi.", "landing SUBTU LTAF"),
    ("ru", "Самолёт 7T-VPM сел в «Национальном аэропорту Минск» накануне.", "landing 7TVPM UMMS"),
    ("de", "Der A400M 54+01 ist um 15.50 Uhr Ortszeit auf dem Stützpunkt Incirlik gelandet.", "landing 54+01 LTAG"),
    ("ar", "غادرت الطائرة الرئاسية السودانية ST-PSA مطار الخرطوم الساعة 08:15.", "takeoff STPSA HSSK"),
    ("en", "The Il-96 RA-96022 made a stop in Samarkand.", "landing RA96022 UTSS"),
    ("ru", "Самолёт RA-96022 сделал остановку в Самарканде.", "landing RA96022 UTSS"),
    ("fr", "L'Il-96 RA-96022 a fait escale à Samarcande.", "landing RA96022 UTSS"),
    ("de", "Die Il-96 RA-96022 legte in Samarkand einen Zwischenstopp ein.", "landing RA96022 UTSS"),
    ("tr", "RA-96022 kuyruk numaralı uçak Semerkant'ta mola verdi.", "landing RA96022 UTSS"),
    ("en", "The Il-96 RA-96022 landed in Doha after a stop in Samarkand.", "landing RA96022 OTHH"),
    ("en", "HZ-HM1 was tracked out of Riyadh and into Marrakech.", "takeoff HZHM1 OERK|landing HZHM1 GMMX"),
    ("en", "Airbus A319 702 left Zvartnots at 07:15 and landed at Al Bateen at 10:05 local.", "takeoff 702 UDYZ|landing 702 OMAD"),
    ("en", "The A319 carried 702 passengers and left Zvartnots at 07:15.", "takeoff  UDYZ"),
    ("en", "The plane left Harris at 07:15 in a rage.", "takeoff  "),
)


@pytest.mark.parametrize(("language", "text", "wanted"), CASES, ids=range(len(CASES)))
def test_a_claim_is_placed_at_the_field_it_names(language: str, text: str, wanted: str) -> None:
    claims = default_extractor().extract(text, published=parse_published("2022-03-15"), language=language).flight_claims
    told = "|".join(f"{c.event} {c.registration.replace('-', '')} {c.airport}" for c in claims)
    assert told == wanted
