# ruff: noqa: E501
"""Each published format is read whole, in the real schema with invented records.

What is malformed is reported with its line; what breaks off, or attacks the reader, loads nothing.
"""

import json
from collections.abc import Callable
from datetime import date

import pytest

from sogdia.compliance.screening import BirthDate, Gender, Identifier, Kind, Scheme, Snapshot
from sogdia.compliance.screening.errors import UnreadableList
from sogdia.compliance.screening.lists.eu_xml import load_eu_xml
from sogdia.compliance.screening.lists.ftm_json import load_ftm_json
from sogdia.compliance.screening.lists.ofac_csv import load_ofac_csv
from sogdia.compliance.screening.lists.ofac_xml import load_ofac_xml
from sogdia.compliance.screening.lists.un_xml import load_un_xml

DAY = date(2026, 3, 1)
UN = """<?xml version="1.0" encoding="UTF-8"?>
<CONSOLIDATED_LIST dateGenerated="2026-02-27T00:00:09.554Z">
 <INDIVIDUALS>
  <INDIVIDUAL>
   <DATAID>7000001</DATAID><FIRST_NAME>VASILIY</FIRST_NAME><SECOND_NAME>TARAKANOV</SECOND_NAME>
   <UN_LIST_TYPE>TEST</UN_LIST_TYPE><REFERENCE_NUMBER>TEi.001</REFERENCE_NUMBER>
   <GENDER>Male</GENDER><NAME_ORIGINAL_SCRIPT>Василий Тараканов</NAME_ORIGINAL_SCRIPT>
   <NATIONALITY><VALUE>Russian Federation</VALUE></NATIONALITY>
   <INDIVIDUAL_ALIAS><QUALITY>Good</QUALITY><ALIAS_NAME>Vasya; The Roach</ALIAS_NAME></INDIVIDUAL_ALIAS>
   <INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>EXACT</TYPE_OF_DATE><DATE>1961-04-02</DATE></INDIVIDUAL_DATE_OF_BIRTH>
   <INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>BETWEEN</TYPE_OF_DATE><FROM_YEAR>1960</FROM_YEAR><TO_YEAR>1962</TO_YEAR></INDIVIDUAL_DATE_OF_BIRTH>
   <INDIVIDUAL_DOCUMENT><TYPE_OF_DOCUMENT>Passport</TYPE_OF_DOCUMENT><NUMBER>AB-123456</NUMBER><ISSUING_COUNTRY>Russian Federation</ISSUING_COUNTRY></INDIVIDUAL_DOCUMENT>
  </INDIVIDUAL>
  <INDIVIDUAL>
   <DATAID>7000002</DATAID><FIRST_NAME></FIRST_NAME>
  </INDIVIDUAL>
 </INDIVIDUALS>
 <ENTITIES>
  <ENTITY><DATAID>7000003</DATAID><FIRST_NAME>VEKTOR SHIPPING</FIRST_NAME>
   <ENTITY_ALIAS><ALIAS_NAME>Вектор</ALIAS_NAME></ENTITY_ALIAS></ENTITY>
 </ENTITIES>
</CONSOLIDATED_LIST>"""
EU = """<?xml version="1.0" encoding="UTF-8"?>
<export xmlns="http://eu.europa.ec/fpi/fsd/export" generationDate="2026-02-27T10:00:00Z">
 <sanctionEntity designationDetails="" unitedNationId="" euReferenceNumber="EU.1.99" logicalId="1">
  <regulation regulationType="amendment" programme="TEST" logicalId="3"/>
  <subjectType code="person" classificationCode="P"/>
  <nameAlias firstName="Vasiliy" middleName="" lastName="Tarakanov" wholeName="Vasiliy Tarakanov" gender="M" strong="true" logicalId="4"/>
  <nameAlias wholeName="Василий Тараканов" nameLanguage="RU" logicalId="5"/>
  <citizenship countryIso2Code="RU" countryDescription="RUSSIA"/>
  <birthdate circa="false" calendarType="GREGORIAN" birthdate="1961-04-02" dayOfMonth="2" monthOfYear="4" year="1961" countryIso2Code="00"/>
  <identification number="1234567" identificationTypeCode="passport" countryIso2Code="RU"/>
 </sanctionEntity>
 <sanctionEntity euReferenceNumber="EU.2.98" logicalId="2">
  <subjectType code="enterprise" classificationCode="E"/><nameAlias wholeName="Vektor Shipping"/>
  <birthdate birthdate="tomorrow"/>
 </sanctionEntity>
</export>"""
OFAC_XML = """<?xml version="1.0" encoding="utf-8"?>
<Sanctions xmlns="http://www.un.org/sanctions/1.0">
 <ReferenceValueSets>
  <AreaCodeValues><AreaCode ID="11095" CountryID="11095" Description="Russia">RU</AreaCode></AreaCodeValues>
  <CountryValues><Country ID="11095" ISO2="RU">Russia</Country></CountryValues>
  <DetailReferenceValues><DetailReference ID="91526">Male</DetailReference></DetailReferenceValues>
  <FeatureTypeValues><FeatureType ID="8" FeatureTypeGroupID="1">Birthdate</FeatureType>
   <FeatureType ID="10" FeatureTypeGroupID="1">Nationality Country</FeatureType>
   <FeatureType ID="224" FeatureTypeGroupID="1">Gender</FeatureType></FeatureTypeValues>
  <IDRegDocTypeValues><IDRegDocType ID="1571">Passport</IDRegDocType></IDRegDocTypeValues>
  <PartySubTypeValues><PartySubType ID="3" PartyTypeID="2">Unknown</PartySubType>
   <PartySubType ID="4" PartyTypeID="1">Unknown</PartySubType>
   <PartySubType ID="1" PartyTypeID="4">Vessel</PartySubType></PartySubTypeValues>
 </ReferenceValueSets>
 <Locations><Location ID="5"><LocationCountry CountryID="11095" CountryRelevanceID="1"/></Location></Locations>
 <IDRegDocuments><IDRegDocument ID="77" IDRegDocTypeID="1571" IdentityID="501" IssuedBy-CountryID="11095"><IDRegistrationNo>AB123456</IDRegistrationNo></IDRegDocument></IDRegDocuments>
 <DistinctParties>
  <DistinctParty FixedRef="900"><Profile ID="900" PartySubTypeID="4">
   <Identity ID="501" FixedRef="900" Primary="true">
    <Alias FixedRef="900" AliasTypeID="1400" Primary="false"><DocumentedName ID="2"><DocumentedNamePart><NamePartValue NamePartGroupID="3" ScriptID="220">Тараканов</NamePartValue></DocumentedNamePart><DocumentedNamePart><NamePartValue NamePartGroupID="4" ScriptID="220">Василий</NamePartValue></DocumentedNamePart></DocumentedName></Alias>
    <Alias FixedRef="900" AliasTypeID="1403" Primary="true"><DocumentedName ID="1"><DocumentedNamePart><NamePartValue NamePartGroupID="1" ScriptID="215">TARAKANOV</NamePartValue></DocumentedNamePart><DocumentedNamePart><NamePartValue NamePartGroupID="2" ScriptID="215">Vasiliy</NamePartValue></DocumentedNamePart></DocumentedName></Alias>
   </Identity>
   <Feature ID="1" FeatureTypeID="8"><FeatureVersion ID="1"><DatePeriod CalendarTypeID="1"><Start Approximate="false"><From><Year>1961</Year><Month>4</Month><Day>2</Day></From><To><Year>1961</Year><Month>4</Month><Day>2</Day></To></Start><End Approximate="false"><From><Year>1961</Year><Month>4</Month><Day>2</Day></From><To><Year>1961</Year><Month>4</Month><Day>2</Day></To></End></DatePeriod></FeatureVersion></Feature>
   <Feature ID="2" FeatureTypeID="10"><FeatureVersion ID="2"><VersionLocation LocationID="5"/></FeatureVersion></Feature>
   <Feature ID="3" FeatureTypeID="224"><FeatureVersion ID="3"><VersionDetail DetailTypeID="1431" DetailReferenceID="91526"/></FeatureVersion></Feature>
  </Profile></DistinctParty>
  <DistinctParty FixedRef="901"><Profile ID="901" PartySubTypeID="3"><Identity ID="502" Primary="true"><Alias Primary="true"><DocumentedName><DocumentedNamePart><NamePartValue>VEKTOR SHIPPING</NamePartValue></DocumentedNamePart></DocumentedName></Alias></Identity></Profile></DistinctParty>
 </DistinctParties>
 <SanctionsEntries><SanctionsEntry ID="1" ProfileID="900" ListID="1550"><SanctionsMeasure ID="1" SanctionsTypeID="1"><Comment>TEST</Comment></SanctionsMeasure></SanctionsEntry></SanctionsEntries>
</Sanctions>"""
SDN = (
    '900,"TARAKANOV, Vasiliy","individual","TEST] [TEST2",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,'
    '"DOB 02 Apr 1961; alt. DOB 1962; POB Omsk; nationality Russia; Gender Male; Passport AB123456 '
    "(Russia); a.k.a. 'ROACH'.\"\r\n"
    '901,"VEKTOR SHIPPING",-0- ,"TEST",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"Tax ID No. 7707083893 (Russia)."\r\n'
    "902,broken row\r\n\x1a"
)
ALT = '900,1,"aka","ТАРАКАНОВ, Василий",-0- \r\n999,2,"aka","NOBODY",-0- \r\n\x1a'
FTM = "\n".join(
    json.dumps(record, ensure_ascii=False)
    for record in (
        {
            "id": "Q1", "schema": "Person", "caption": "Vasiliy Tarakanov",
            "properties": {
                "name": ["Vasiliy Tarakanov", "Василий Тараканов"], "birthDate": ["1961-04-02"],
                "nationality": ["ru"], "gender": ["male"], "passportNumber": ["AB123456"],
            },
        },
        {"id": "Q2", "schema": "Company", "properties": {"name": ["Vektor Shipping"], "innCode": ["7707083893"]}},
        {"id": "Q3", "schema": "Ownership", "properties": {"owner": ["Q1"], "asset": ["Q2"]}},
    )
)  # fmt: skip
LOADERS: dict[str, tuple[Callable[..., Snapshot], str]] = {
    "un": (load_un_xml, UN),
    "eu": (load_eu_xml, EU),
    "ofac-xml": (load_ofac_xml, OFAC_XML),
    "ofac-csv": (load_ofac_csv, SDN),
    "ftm": (load_ftm_json, FTM),
}


def load(name: str, content: str | None = None, **more: bytes) -> Snapshot:
    loader, whole = LOADERS[name]
    text = whole if content is None else content
    return loader(text.encode(), source=f"{name}.file", taken_on=DAY, **more)


@pytest.mark.parametrize("name", LOADERS)
def test_every_format_gives_the_same_person_and_the_same_firm(name: str) -> None:
    alt = {"alt": ALT.encode()} if name == "ofac-csv" else {}
    loaded = load(name, **alt)
    roach, firm = (loaded.entries[k] for k in sorted(loaded.entries))
    assert roach.kind is Kind.PERSON
    assert firm.kind is Kind.ORGANISATION
    assert {"tarakanov", "vasiliy"} <= set(roach.names[0].lower().replace(",", "").split())
    assert any("асилий" in n.lower() for n in roach.names)
    assert BirthDate(1961, 4, 2) in roach.birth_dates
    assert roach.countries == {"ru"}
    assert roach.gender is Gender.MALE
    assert any(i.scheme is Scheme.PASSPORT for i in roach.identifiers)


def test_a_tax_number_in_a_remark_is_an_identifier() -> None:
    assert (
        Identifier(Scheme.RU_INN, "7707083893", "ru") in load("ofac-csv").entries["901"].identifiers
    )


@pytest.mark.parametrize(
    ("name", "line", "reason"),
    [
        ("un", 14, "no usable name"),
        ("eu", 12, "birth date is 'tomorrow'"),
        ("ofac-csv", 3, "expected 12"),
    ],
)
def test_what_is_malformed_is_reported_with_its_line(name: str, line: int, reason: str) -> None:
    found = [p for p in load(name).problems if reason in p.reason]
    assert [p.line for p in found] == [line]


def test_an_alias_without_its_entry_is_reported() -> None:
    problems = load("ofac-csv", alt=ALT.encode()).problems
    assert any(p.record == "999" and "no such entry" in p.reason for p in problems)


def test_a_repeated_id_is_reported_and_the_first_kept() -> None:
    twice = FTM.splitlines()[0] + "\n" + FTM.replace("Vasiliy", "Vladimir")
    loaded = load("ftm", twice)
    assert loaded.entries["Q1"].names[0] == "Vasiliy Tarakanov"
    assert any("already used" in p.reason for p in loaded.problems)


@pytest.mark.parametrize("name", LOADERS)
def test_a_list_cut_off_loads_nothing(name: str) -> None:
    whole = LOADERS[name][1].rstrip("\x1a\r\n")
    cut = whole[: whole.rindex("Vektor" if name in ("eu", "ftm") else "VEKTOR")]
    with pytest.raises(UnreadableList, match="nothing was loaded") as refused:
        load(name, cut)
    assert refused.value.line is not None


BOMB = """<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;">]>
<CONSOLIDATED_LIST><INDIVIDUALS><INDIVIDUAL><DATAID>&b;</DATAID></INDIVIDUAL></INDIVIDUALS></CONSOLIDATED_LIST>"""
OUTSIDE = BOMB.replace('"ha"', 'SYSTEM "file:///etc/hostname"')
DEEP = "<CONSOLIDATED_LIST>" + "<a>" * 100_000


@pytest.mark.parametrize("text", [BOMB, OUTSIDE, DEEP], ids=["bomb", "external", "deep"])
def test_an_attack_by_xml_is_refused(text: str) -> None:
    with pytest.raises(UnreadableList):
        load("un", text)


def test_a_file_of_another_list_is_refused() -> None:
    with pytest.raises(UnreadableList, match="root is <export>"):
        load("un", EU)


def test_a_digest_names_the_bytes() -> None:
    assert load("un").version.digest == load("un").version.digest
    assert load("un").version.digest != load("un", UN.replace("VASILIY", "VASILI")).version.digest


def test_a_line_that_is_not_json_is_reported_and_the_rest_read() -> None:
    first, rest = FTM.split("\n", 1)
    loaded = load("ftm", f"{first}\nnot json\n{rest}")
    assert [p.line for p in loaded.problems] == [2]
    assert set(loaded.entries) == {"Q1", "Q2"}


def test_an_overlong_name_is_left_out_and_reported() -> None:
    loaded = load("un", UN.replace("The Roach", "R" * 10_000))
    assert "left out" in loaded.problems[0].reason
    assert "7000001" in loaded.entries
