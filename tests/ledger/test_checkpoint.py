"""C2SP signed-note and tlog-checkpoint."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanal.ledger import Checkpoint, LedgerError, Signer, Verifier, canonical, open_note, sign_note

# The example of the C2SP signed-note specification: key and note of "PeterNeumann".
PETER = Verifier.parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
HEAD = Checkpoint("fanal.example/malpasse", 8, bytes(range(32)))


def test_the_example_note_verifies() -> None:
    text, signed = open_note(NOTE, [PETER])
    assert text.startswith("If you think cryptography")
    assert signed == (PETER,)


def test_a_verifier_key_is_written_as_it_was_read() -> None:
    assert str(PETER) == "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"


def test_a_changed_text_is_noticed() -> None:
    with pytest.raises(LedgerError, match="signature_wrong"):
        open_note(NOTE.replace("answer", "question"), [PETER])


def test_a_head_is_cosigned_and_strangers_are_ignored() -> None:
    ours, partner, stranger = (Signer.generate(name) for name in ("fanal.example/hti", "fanal.example/dom", "x"))
    note = sign_note(str(HEAD), ours, partner, stranger)
    text, signed = open_note(note, [partner.verifier, ours.verifier])
    assert Checkpoint.parse(text) == HEAD
    assert set(signed) == {ours.verifier, partner.verifier}
    with pytest.raises(LedgerError, match="not_signed"):
        open_note(sign_note(str(HEAD), stranger), [ours.verifier])


def test_a_private_key_is_never_shown() -> None:
    signer = Signer.generate("k")
    assert signer.private.hex() not in repr(signer)
    assert repr(signer.private) not in repr(signer)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a\n",
        "a\n1\n",
        "a\nx\nAAAA\n",
        "a\n01\nAAAA\n",
        "a\n1\n%\n",
        "a\n1\nAAAA\n",
        "a\n\u0661\nAAAA\n",
        "a\n1\n\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(LedgerError, match="checkpoint_form"):
        Checkpoint.parse(text)


@given(st.text(max_size=300) | st.text(alphabet="a\n\u2014 AB=+0", max_size=80))
def test_arbitrary_text_raises_nothing_but_a_ledger_error(text: str) -> None:
    for read in (lambda: open_note(text, [PETER]), lambda: Checkpoint.parse(text), lambda: Verifier.parse(text)):
        with pytest.raises(LedgerError):
            read()


def test_an_entry_has_one_writing() -> None:
    assert canonical({"b": 1, "a": ["é", None, True]}) == '{"a":["é",null,true],"b":1}'.encode()


@pytest.mark.parametrize("value", [1.5, float("nan"), 2**53, object(), "\ud800", {1: 2}])
def test_a_value_with_more_than_one_writing_is_refused(value: object) -> None:
    with pytest.raises(LedgerError, match="entry_value"):
        canonical({"a": value})
