"""OFAC's lists in the advanced XML form (SDN_ADVANCED.XML, CONS_ADVANCED.XML).

Schema: Sanctions, after the UN 1267 Advanced Sanctions Data Model. Values are kept once in
reference sets, and names, locations and documents point to each other by id.
"""

from dataclasses import dataclass, field
from datetime import date
from xml.etree.ElementTree import Element

from sogdia.compliance.screening.entity import Entity, Kind
from sogdia.compliance.screening.lists.record import Record
from sogdia.compliance.screening.lists.snapshot import (
    ListVersion,
    Problem,
    Snapshot,
    build_snapshot,
    digest_of,
)
from sogdia.compliance.screening.lists.xml_records import (
    child_text,
    children,
    descendants,
    local_name,
    read_records,
)

LIST_ID = "ofac-sdn"
_SETS = ("PartySubType", "FeatureType", "DetailReference", "Country", "AreaCode", "IDRegDocType")
_BIRTH, _GENDER = "birthdate", "gender"
_COUNTRY_FEATURES = ("nationality country", "citizenship country", "nationality of registration")


@dataclass
class _References:
    """The reference sets, by set and id, and what parties point to."""

    values: dict[tuple[str, str], str] = field(default_factory=dict)
    location_countries: dict[str, list[str]] = field(default_factory=dict)
    documents: dict[str, list[tuple[str, str, str]]] = field(default_factory=dict)
    party_types: dict[str, str] = field(default_factory=dict)
    programmes: dict[str, list[str]] = field(default_factory=dict)

    def value(self, of: str, key: str | None) -> str:
        """Return a reference value, or empty text when the id is not known."""
        return self.values.get((of, key or ""), "")


def load_ofac_xml(
    content: bytes, *, source: str, taken_on: date, list_id: str = LIST_ID
) -> Snapshot:
    """Load an OFAC list in the advanced XML form.

    Raises:
        UnreadableList: the XML is broken, forbidden, or of another root.
    """
    references = _References()
    parties: list[tuple[int, Element]] = []
    wanted = frozenset((*_SETS, "Location", "IDRegDocument", "DistinctParty", "SanctionsEntry"))
    for line, element in read_records(content, source, root="Sanctions", records=wanted):
        if local_name(element.tag) == "DistinctParty":
            parties.append((line, element))
        else:
            _note(element, references)
    problems: list[Problem] = []
    found: list[tuple[int, Entity]] = []
    for line, party in parties:
        record = Record(source, line, party.get("FixedRef") or "", problems)
        entity = _read(party, record, references)
        if entity is not None:
            found.append((line, entity))
    version = ListVersion(list_id, digest_of(content), taken_on)
    return build_snapshot(version, found, problems, source)


def _note(element: Element, references: _References) -> None:
    """Keep a reference value, location, document or listing for the parties that point to it."""
    name, key = local_name(element.tag), element.get("ID") or ""
    if name in _SETS:
        references.values[name, key] = (element.text or "").strip()
        if name == "PartySubType":
            references.party_types[key] = element.get("PartyTypeID") or ""
    elif name == "Location":
        countries = [
            references.value("Country", c.get("CountryID"))
            for c in descendants(element, "LocationCountry")
        ]
        countries += [
            references.value("AreaCode", a.get("AreaCodeID"))
            for a in descendants(element, "LocationAreaCode")
        ]
        references.location_countries[key] = [c for c in countries if c]
    elif name == "IDRegDocument":
        references.documents.setdefault(element.get("IdentityID") or "", []).append(
            (
                child_text(element, "IDRegistrationNo"),
                references.value("IDRegDocType", element.get("IDRegDocTypeID")),
                references.value("Country", element.get("IssuedBy-CountryID")),
            )
        )
    elif name == "SanctionsEntry":
        comments = [(c.text or "").strip() for c in descendants(element, "Comment")]
        references.programmes[element.get("ProfileID") or ""] = [c for c in comments if c]


def _read(party: Element, record: Record, references: _References) -> Entity | None:
    for profile in children(party, "Profile"):
        subtype = profile.get("PartySubTypeID")
        record.kind = _kind(references.value("PartySubType", subtype), references, subtype)
        for programme in references.programmes.get(profile.get("ID") or "", []):
            record.programmes[programme] = None
        for identity in children(profile, "Identity"):
            _read_names(identity, record)
            for number, hint, country in references.documents.get(identity.get("ID") or "", []):
                record.add_identifier(number, hint=hint, country=country)
        for feature in children(profile, "Feature"):
            _read_feature(feature, record, references)
    return record.entity()


def _kind(subtype: str, references: _References, key: str | None) -> Kind:
    if subtype in ("Vessel", "Aircraft"):
        return Kind.OTHER
    # Party type 1 is Individual in every published file; its subtype is called Unknown.
    return Kind.PERSON if references.party_types.get(key or "") == "1" else Kind.ORGANISATION


def _read_names(identity: Element, record: Record) -> None:
    """Add the names of an identity, the primary alias first."""
    aliases = sorted(children(identity, "Alias"), key=lambda a: a.get("Primary") != "true")
    for alias in aliases:
        for documented in children(alias, "DocumentedName"):
            parts = [(v.text or "").strip() for v in descendants(documented, "NamePartValue")]
            record.add_name(" ".join(part for part in parts if part))


def _read_feature(feature: Element, record: Record, references: _References) -> None:
    kind = references.value("FeatureType", feature.get("FeatureTypeID")).lower()
    for version in children(feature, "FeatureVersion"):
        if kind == _BIRTH:
            for period in children(version, "DatePeriod"):
                record.add_birth_date(_period(period))
        elif kind == _GENDER:
            for detail in children(version, "VersionDetail"):
                key = detail.get("DetailReferenceID")
                record.add_gender(references.value("DetailReference", key))
        elif kind in _COUNTRY_FEATURES:
            for location in children(version, "VersionLocation"):
                for name in references.location_countries.get(location.get("LocationID") or "", []):
                    record.add_country(name)


def _period(period: Element) -> str:
    """Return a date period as the text that dates are read from: one day, one year or a range."""
    bounds = [f for s in ("Start", "End") for b in children(period, s) for f in b]
    if not bounds:
        return ""
    first, last = bounds[0], bounds[-1]
    years = child_text(first, "Year"), child_text(last, "Year")
    days = [(child_text(b, "Month"), child_text(b, "Day")) for b in (first, last)]
    if years[0] != years[1]:
        return f"{years[0]} to {years[1]}"
    if days[0] == days[1]:
        return f"{years[0]}-{days[0][0]}-{days[0][1]}"
    return years[0]
