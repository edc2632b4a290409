"""Frames that are written without aiohttp, read by a library that nobody here wrote."""

import pytest
from websockets.frames import Frame, Opcode
from websockets.streams import StreamReader

from sogdia.ledger.rpc.outbox import text_frame


@pytest.mark.parametrize("length", [0, 1, 125, 126, 127, 65_535, 65_536, 200_000])
def test_a_frame_is_one_whole_text_message(length: int) -> None:
    """At every length of the length field; nothing follows the frame."""
    message = b"x" * length
    reader = StreamReader()
    reader.feed_data(text_frame(message))
    parsing = Frame.parse(reader.read_exact, mask=False)
    with pytest.raises(StopIteration) as ended:
        next(parsing)
    frame = ended.value.value
    assert (frame.opcode, frame.fin, frame.data) == (Opcode.TEXT, True, message)
    reader.feed_eof()
    with pytest.raises(StopIteration) as at_end:
        next(reader.at_eof())
    assert at_end.value.value is True
