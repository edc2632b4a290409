"""Read the records of a large XML file one by one, each with its line; bombs are refused.

DTDs, entities and external references are forbidden (defusedxml): no sanctions list uses them.
"""

from collections.abc import Iterator
from io import BytesIO
from typing import Any, cast
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from sogdia.compliance.screening.errors import UnreadableList

_CHUNK_BYTES = 1 << 20
DEPTH_MAX = 64  # the deepest list nests 12 elements; deeper is an attack on the reader's stack


def local_name(tag: str) -> str:
    """Return an element's name without its namespace."""
    return tag.rpartition("}")[2]


class _RecordBuilder(TreeBuilder):
    """Builds the tree, and hands out each finished record with the line it began on."""

    def __init__(self, record_tags: frozenset[str]) -> None:
        super().__init__()
        self.finished: list[tuple[int, Element]] = []
        self.parser: Any = None
        self.root_tag: str | None = None
        self._record_tags = record_tags
        self._stack: list[tuple[Element, int]] = []

    def start(self, tag: str, attrs: dict[str, str]) -> Element:
        """Note where an element begins."""
        element = super().start(tag, attrs)
        if len(self._stack) >= DEPTH_MAX:
            raise ParseError(f"elements are nested deeper than {DEPTH_MAX}")
        self.root_tag = self.root_tag or local_name(tag)
        self._stack.append((element, self.parser.parser.CurrentLineNumber))
        return element

    def end(self, tag: str) -> Element:
        """Hand out a finished record and forget its siblings before it."""
        element = super().end(tag)
        _, line = self._stack.pop()
        if local_name(tag) in self._record_tags:
            self.finished.append((line, element))
            if self._stack:
                self._stack[-1][0].remove(element)
        return element


def read_records(
    content: bytes, source: str, *, root: str, records: frozenset[str]
) -> Iterator[tuple[int, Element]]:
    """Yield each element named in `records` with its line, in the order of the file.

    The caller must exhaust the iterator before it uses anything: a file that breaks off raises
    only at its end.

    Raises:
        UnreadableList: the XML is broken or forbidden, or its root is not `root`.
    """
    builder = _RecordBuilder(records)
    parser = DefusedXMLParser(target=builder, forbid_dtd=True)
    builder.parser = parser
    stream = BytesIO(content)
    try:
        while chunk := stream.read(_CHUNK_BYTES):
            parser.feed(chunk)
            if builder.root_tag is not None and builder.root_tag != root:
                raise UnreadableList(source, 1, f"the root is <{builder.root_tag}>, not <{root}>")
            yield from builder.finished
            builder.finished.clear()
        parser.close()
    except ParseError as error:
        position = cast("tuple[int, int]", getattr(error, "position", (0, 0)))
        raise UnreadableList(source, position[0] or None, f"broken XML: {error}") from None
    except DefusedXmlException as error:
        line = parser.parser.CurrentLineNumber
        kind = type(error).__name__
        raise UnreadableList(source, line, f"forbidden XML construct: {kind}") from None


def child_text(element: Element, name: str) -> str:
    """Return the text of the first child called `name`, without namespace; empty when absent."""
    for child in element:
        if local_name(child.tag) == name:
            return (child.text or "").strip()
    return ""


def children(element: Element, name: str) -> list[Element]:
    """Return the children called `name`, without regard to namespace."""
    return [child for child in element if local_name(child.tag) == name]


def descendants(element: Element, name: str) -> list[Element]:
    """Return all elements called `name` below `element`, without regard to namespace."""
    return [child for child in element.iter() if local_name(child.tag) == name]
