"""The oblivious function: against the published vector, and against a blinder that cheats."""

import pytest

from sogdia.compliance.rules.counters import oprf


def test_the_first_vector_of_the_rfc_is_reproduced() -> None:
    """RFC 9497, appendix A.1.1, test vector 1."""
    key = bytes.fromhex("5ebcea5ee37023ccb9fc2d2019f9d7737be85591ae8652ffa9ef0f4d37063b0e")
    factor = bytes.fromhex("64d37aed22a27f5191de1c1d69fadb899d8862b58eb4220029e036ec4c1f6706")
    blinded = oprf.blind(b"\0", mode=oprf.MODE_OPRF, factor=factor)
    assert blinded.element.hex() == (
        "609a0ae68c15a3cf6903766461307e5c8bb2f95e7e6550e1ffa2dc99e412803c"
    )
    evaluated = oprf.evaluate(key, blinded.element)
    assert evaluated.hex() == "7ec6578ae5120958eb2db1745758ff379e77cb64fe77b0b2d8cc917ea0869c7e"
    assert oprf.finalize(blinded, evaluated).hex() == (
        "527759c3d9366f277d8c6020418d96bb393ba2afb20ff90df23fb7708264e2f3"
        "ab9135e3bd69955851de4b1f9fe8a0973396719b7912ba9ee8aa7d0b5e24bcf6"
    )


def test_two_venues_get_one_output_and_the_blinder_sees_different_points() -> None:
    """O1 and O2: the same client, blinded twice."""
    key = oprf.new_key()
    first, second = oprf.blind(b"client"), oprf.blind(b"client")
    assert first.element != second.element
    outputs = {oprf.finalize(b, oprf.evaluate(key, b.element)) for b in (first, second)}
    assert len(outputs) == 1
    other = oprf.blind(b"another")
    assert oprf.finalize(other, oprf.evaluate(key, other.element)) not in outputs


def test_a_blinder_that_uses_another_key_is_found_out() -> None:
    """It would split a client into two, each with a limit of its own."""
    key, other = oprf.new_key(), oprf.new_key()
    blinded = oprf.blind(b"client")
    honest = oprf.evaluate(key, blinded.element)
    proof = oprf.prove(key, blinded.element, honest)
    oprf.verify(oprf.public_key(key), blinded.element, honest, proof)
    forged = oprf.evaluate(other, blinded.element)
    for evaluated, shown in (
        (forged, proof),
        (forged, oprf.prove(other, blinded.element, forged)),
        (honest, oprf.Proof(proof.response, proof.challenge)),
    ):
        with pytest.raises(oprf.OprfError):
            oprf.verify(oprf.public_key(key), blinded.element, evaluated, shown)


@pytest.mark.parametrize("element", [b"", b"\xff" * 32, bytes(32), b"\0" * 31])
def test_what_is_not_a_point_is_refused(element: bytes) -> None:
    """Small subgroups and the identity would leak the key or the input."""
    with pytest.raises(oprf.OprfError):
        oprf.evaluate(oprf.new_key(), element)
