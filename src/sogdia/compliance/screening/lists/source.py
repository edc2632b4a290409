"""Read a list the user names, from a file or over HTTPS, and recognise its format.

Nothing is ever fetched that the user did not name.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from sogdia.compliance.screening.errors import UnreadableList
from sogdia.compliance.screening.lists.eu_xml import load_eu_xml
from sogdia.compliance.screening.lists.ftm_json import load_ftm_json
from sogdia.compliance.screening.lists.ofac_csv import load_ofac_csv
from sogdia.compliance.screening.lists.ofac_xml import load_ofac_xml
from sogdia.compliance.screening.lists.snapshot import Snapshot
from sogdia.compliance.screening.lists.un_xml import load_un_xml

# The largest published list (OFAC advanced XML) is 120 MB; four times that is room for years.
SIZE_BYTES_MAX = 512 * 1024 * 1024
FETCH_TIMEOUT_S = 60
_HEAD_BYTES = 4096
_XML_LOADERS = {
    b"<CONSOLIDATED_LIST": load_un_xml,
    b"<Sanctions": load_ofac_xml,
    b"<export": load_eu_xml,
}


@dataclass(frozen=True, slots=True)
class ListSource:
    """Where a list is read from; `list_id` overrides the identity the format gives it."""

    location: str
    list_id: str | None = None


def read_content(location: str) -> bytes:
    """Return the bytes at a path or an `https:` URL.

    Raises:
        UnreadableList: there is nothing, it is too large, or the URL is not HTTPS.
    """
    try:
        if "://" in location:
            if not location.startswith("https://"):
                raise UnreadableList(location, None, "only https: URLs are fetched")
            with urlopen(location, timeout=FETCH_TIMEOUT_S) as answer:
                content: bytes = answer.read(SIZE_BYTES_MAX + 1)
        else:
            with Path(location).open("rb") as file:
                content = file.read(SIZE_BYTES_MAX + 1)
    except (OSError, URLError) as error:
        raise UnreadableList(location, None, f"cannot be read: {error}") from None
    if len(content) > SIZE_BYTES_MAX:
        raise UnreadableList(location, None, f"larger than {SIZE_BYTES_MAX} bytes")
    return content


def load_list(source: ListSource, *, taken_on: date) -> Snapshot:
    """Load a list in whichever known format it is.

    An OFAC `sdn.csv` takes `alt.csv` and `add.csv` from beside it, when they are there.

    Raises:
        UnreadableList: it cannot be read or is in no known format.
    """
    content = read_content(source.location)
    name = {} if source.list_id is None else {"list_id": source.list_id}
    head = content[:_HEAD_BYTES].lstrip(b"\xef\xbb\xbf \r\n\t")
    if head.startswith(b"<"):
        for mark, loader in _XML_LOADERS.items():
            if mark in head:
                return loader(content, source=source.location, taken_on=taken_on, **name)
        raise UnreadableList(source.location, 1, "an XML of no known list (OFAC, UN, EU)")
    if head.startswith(b"{"):
        return load_ftm_json(content, source=source.location, taken_on=taken_on, **name)
    if head.split(b",", 1)[0].strip(b'" ').isdigit():
        return load_ofac_csv(
            content,
            source=source.location,
            taken_on=taken_on,
            alt=_beside(source.location, "alt.csv"),
            add=_beside(source.location, "add.csv"),
            **name,
        )
    raise UnreadableList(
        source.location, 1, "of no known format: OFAC CSV or XML, UN XML, EU XML, FtM JSON lines"
    )


def _beside(location: str, name: str) -> bytes:
    path = Path(location)
    if "://" in location or path.name.lower() != "sdn.csv":
        return b""
    other = path.with_name(name)
    return other.read_bytes() if other.is_file() else b""
