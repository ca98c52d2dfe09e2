"""Doc 9303-11 (8th edition), Appendix D: basic access control and secure messaging, worked example."""

import pytest

from fanal.chip import bac
from fanal.chip.apdu import Command, Ins, Response
from fanal.chip.channel import Channel
from fanal.chip.errors import ChipError, ProtocolError, SecureMessagingError, WrongPasswordError
from fanal.chip.password import Password
from tests.chip.cards import ScriptedCard, randoms

# D.1 to D.3
PASSWORD = Password.of_mrz("L898902C<", "690806", "940623")
CHALLENGE = ("0084000008", "4608F91988702212 9000")
AUTHENTICATE = (
    "0082000028 72C29C2371CC9BDB65B779B8E8D37B29ECC154AA56A8799FAE2F498F76ED92F2 5F1448EEA8AD90A7 28",
    "46B9342A41396CD7386BF5803104D7CEDC122B9132139BAF2EEDC94EE178534F 2F2D235D074D7449 9000",
)
RANDOM = ("781723860C06C226", "0B795240CB7049B01C19B33E32804F0B")
# D.4: SELECT EF.COM, READ BINARY of the first four octets, READ BINARY of the other eighteen
MESSAGES = (
    ("0CA4020C15 8709016375432908C044F6 8E08BF8B92D635FF24F8 00", "99029000 8E08FA855A5D4C50A8ED 9000"),
    ("0CB000000D 970104 8E08ED6705417E96BA55 00", "8709019FF0EC34F9922651 99029000 8E08AD55CC17140B2DED 9000"),
    (
        "0CB000040D 970112 8E082EA28A70F3C7B535 00",
        "871901FB9235F4E4037F2327DCC8964F1F9B8C30F42C8E2FFF224A 99029000 8E08C8B2787EAEA07D74 9000",
    ),
)


def test_the_keys_are_those_of_the_worked_example() -> None:
    k_enc, k_mac = bac.access_keys(PASSWORD)
    assert k_enc.hex().upper() == "AB94FDECF2674FDFB9B391F85D7F76F2"
    assert k_mac.hex().upper() == "7962D9ECE03D1ACD4C76089DCE131543"


def test_the_whole_worked_example_runs_octet_for_octet() -> None:
    card = ScriptedCard([CHALLENGE, AUTHENTICATE, *MESSAGES])
    channel = Channel(card)
    secure = bac.run(channel, PASSWORD, random=randoms(*RANDOM))
    assert secure.ssc == 0x887022120C06C226
    channel.send(Command(0, Ins.SELECT, 2, 0x0C, bytes.fromhex("011E")))
    assert channel.send(Command(0, Ins.READ_BINARY, 0, 0, ne=4)).data.hex().upper() == "60145F01"
    rest = channel.send(Command(0, Ins.READ_BINARY, 0, 4, ne=18)).data
    assert rest.hex().upper() == "04303130365F36063034303030305C026175"
    assert card.done
    assert secure.ssc == 0x887022120C06C22C


def test_a_refused_authentication_is_a_wrong_password() -> None:
    card = ScriptedCard([CHALLENGE, (AUTHENTICATE[0], "6300")])
    with pytest.raises(WrongPasswordError):
        bac.run(Channel(card), PASSWORD, random=randoms(*RANDOM))


@pytest.mark.parametrize("at", range(40))
def test_a_changed_answer_of_the_chip_is_noticed(at: int) -> None:
    answer = bytearray.fromhex(AUTHENTICATE[1])
    answer[at] ^= 1
    card = ScriptedCard([CHALLENGE, (AUTHENTICATE[0], answer.hex())])
    with pytest.raises(ProtocolError, match="bac_failed"):
        bac.run(Channel(card), PASSWORD, random=randoms(*RANDOM))


def test_a_card_access_number_does_not_open_basic_access_control() -> None:
    with pytest.raises(ChipError, match="no_password"):
        bac.run(Channel(ScriptedCard([])), Password.of_can("123456"))


def test_a_chip_that_echoes_the_readers_cryptogram_has_proved_nothing() -> None:
    card = ScriptedCard([CHALLENGE, (AUTHENTICATE[0], AUTHENTICATE[0][11:-2] + "9000")])
    with pytest.raises(ProtocolError, match="bac_failed"):
        bac.run(Channel(card), PASSWORD, random=randoms(*RANDOM))


@pytest.mark.parametrize("answer", ["9000", "6982", "990290009000", "99029000 8E08FA855A5D4C50A8EC 9000"])
def test_an_answer_that_is_not_protected_is_refused(answer: str) -> None:
    card = ScriptedCard([CHALLENGE, AUTHENTICATE, (MESSAGES[0][0], answer)])
    channel = Channel(card)
    bac.run(channel, PASSWORD, random=randoms(*RANDOM))
    with pytest.raises(SecureMessagingError):
        channel.send(Command(0, Ins.SELECT, 2, 0x0C, bytes.fromhex("011E")))


def test_an_answer_said_before_is_refused() -> None:
    card = ScriptedCard([CHALLENGE, AUTHENTICATE, MESSAGES[0], (MESSAGES[1][0], MESSAGES[0][1])])
    channel = Channel(card)
    secure = bac.run(channel, PASSWORD, random=randoms(*RANDOM))
    channel.send(Command(0, Ins.SELECT, 2, 0x0C, bytes.fromhex("011E")))
    with pytest.raises(SecureMessagingError, match="MAC"):
        channel.send(Command(0, Ins.READ_BINARY, 0, 0, ne=4))
    assert "AB94" not in repr(secure)


def test_an_open_status_other_than_the_protected_one_is_refused() -> None:
    with pytest.raises(SecureMessagingError):
        bac.session(bytes(16), bytes(16), bytes(8), bytes(8)).open_response(Response(b"", 0x9000))
