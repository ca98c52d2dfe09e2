"""Doc 9303-11 (8th edition), Appendices G (generic mapping), H (integrated mapping) and I (CA mapping).

MSE:Set AT names the domain parameters (84) here always, as 4.4.4.1 allows; the examples leave it out.
"""

from dataclasses import replace

import pytest

from fanal.chip import pace
from fanal.chip.apdu import Command, Ins
from fanal.chip.channel import Channel
from fanal.chip.crypto import AES_128, Counter, Suite
from fanal.chip.errors import ProtocolError, WrongPasswordError
from fanal.chip.groups import STANDARDISED, EcGroup, Group
from fanal.chip.pace.variants import Variant
from fanal.chip.password import Password, PasswordKind
from fanal.chip.security_infos import ChipAuthenticationPublicKeyInfo, PaceInfo, parse_security_infos
from tests.chip.cards import ScriptedCard, randoms

MRZ = Password.of_mrz("T22000129", "640812", "101031")  # of all examples but that of appendix I
# The integrated-mapping examples have another K_pi for the same MRZ, given as such in appendix H.
K_PI_OF_H = "591468CDA83D65219CCCB8560233600F"


class KeyOfH(Suite):
    """AES-128 with the password key that appendix H gives."""

    __slots__ = ()

    def derive(self, secret: bytes, counter: Counter) -> bytes:
        return bytes.fromhex(K_PI_OF_H) if counter is Counter.PACE else super().derive(secret, counter)


def variant(protocol: str, parameter: int) -> Variant:
    found = pace.variant_of(PaceInfo(f"0.4.0.127.0.7.2.2.4.{protocol}", 2, parameter))
    assert found is not None
    return found


def secret(group: Group, value: str) -> str:
    """The random octets from which this secret is made."""
    size = (group.order.bit_length() + 7) // 8 + 8
    return ((int(value, 16) - 1) % group.order).to_bytes(size).hex()


def set_at(protocol: str, parameter: int) -> tuple[str, str]:
    return f"0022C1A412 800A04007F000702020{protocol} 830101 8401{parameter:02X}", "9000"


# G.1: ECDH, generic mapping, brainpoolP256r1
G1 = variant("2.2", 13)
G1_SCRIPT = (
    set_at("40202", 13),
    ("10860000027C0000", "7C128010 95A3A016522EE98D01E76CB6B98B42C3 9000"),
    (
        "10860000457C438141047ACF3EFC982EC45565A4B155129EFBC74650DCBFA6362D896FC70262E0C2CC5E"
        "544552DCB6725218799115B55C9BAA6D9F6BC3A9618E70C25AF71777A9C4922D00",
        "7C43824104824FBA91C9CBE26BEF53A0EBE7342A3BF178CEA9F45DE0B70AA601651FBA3F57"
        "30D8C879AAA9C9F73991E61B58F4D52EB87A0A0C709A49DC63719363CCD13C549000",
    ),
    (
        "10860000457C438341042DB7A64C0355044EC9DF190514C625CBA2CEA48754887122F3A5EF0D5EDD301C"
        "3556F3B3B186DF10B857B58F6A7EB80F20BA5DC7BE1D43D9BF850149FBB3646200",
        "7C438441049E880F842905B8B3181F7AF7CAA9F0EFB743847F44A306D2D28C1D9EC65DF6DB"
        "7764B22277A2EDDC3C265A9F018F9CB852E111B768B326904B59A0193776F0949000",
    ),
    ("008600000C7C0A8508C2B0BD78D94BA86600", "7C0A86083ABB9674BCE93C089000"),
)
G1_SECRETS = (
    secret(G1.group, "7F4EF07B9EA82FD78AD689B38D0BC78CF21F249D953BC46F4C6E19259C010F99"),
    secret(G1.group, "A73FB703AC1436A18E0CFA5ABB3F7BEC7A070E7A6788486BEE230C4A22762595"),
)

# G.2: DH, generic mapping, the 1024-bit group
G2 = variant("1.2", 0)
G2_SCRIPT = (
    set_at("40102", 0),
    ("10860000027C0000", "7C128010854D8DF5827FA6852D1A4FA701CDDDCA9000"),
    (
        "10860000867C818381818023FB3749EA030D2A25B278D2A562047ADE3F01B74F17A15402CB7352CA7D2B3E"
        "B71C343DB13D1DEBCE9A3666DBCFC920B49174A602CB47965CAA73DC702489A44D41DB914DE9613DC5E98C94160551C0"
        "DF86274B9359BC0490D01B03AD54022DCB4F57FAD6322497D7A1E28D46710F461AFE710FBBBC5F8BA166F4311975EC6C00",
        "7C818382818078879F57225AA8080D52ED0FC890A4B25336F699AA89A2D3A189654AF70729E6"
        "23EA5738B26381E4DA19E004706FACE7B235C2DBF2F38748312F3C98C2DD4882A41947B324AA1259AC22579DB93F7085"
        "655AF30889DBB845D9E6783FE42C9F2449400306254C8AE8EE9DD812A804C0B66E8CAFC14F84D8258950A91B44126EE69000",
    ),
    (
        "10860000867C8183838180907D89E2D425A178AA81AF4A7774EC8E388C115CAE67031E85EECE520BD91155"
        "1B9AE4D04369F29A02626C86FBC6747CC7BC352645B6161A2A42D44EDA80A08FA8D61B76D3A154AD8A5A51786B0BC071"
        "47057871A922212C5F67F43173172236B7747D1671E6D692A3C7D40A0C3C5CE397545D015C175EB5130551EDBC2EE5D400",
        "7C8183848180075693D9AE941877573E634B6E644F8E60AF17A0076B8B123D9201074D36152B"
        "D8B3A213F53820C42ADC79AB5D0AEEC3AEFB91394DA476BD97B9B14D0A65C1FC71A0E019CB08AF55E1F729005FBA7E3F"
        "A5DC41899238A250767A6D46DB974064386CD456743585F8E5D90CC8B4004B1F6D866C79CE0584E49687FF61BC29AEA19000",
    ),
    ("008600000C7C0A8508B46DD9BD4D98381F00", "7C0A8608917F37B5C0E6D8D19000"),
)
G2_SECRETS = (
    secret(G2.group, "5265030F751F4AD18B08AC565FC7AC952E41618D"),
    secret(G2.group, "89CCD99B0E8D3B1F11E1296DCA68EC53411CF2CA"),
)

# H.1: ECDH, integrated mapping, brainpoolP256r1
H1 = variant("4.2", 13)._replace(suite=KeyOfH("AES-128", 16, 16))
H1_SCRIPT = (
    set_at("40402", 13),
    ("10860000027C0000", "7C128010143DC40C08C8E891FBED7DEDB92B64AD9000"),
    ("10860000147C1281105DD4CBFC96F5453B130D890A1CDBAE3200", "9000"),
    (
        "10860000457C4383410489CBA23FFE96AA18D824627C3E934E54A9FD0B87A95D1471DC1C0ABFDCD640D4"
        "6755DE9B7B778280B6BEBD57439ADFEB0E21FD4ED6DF42578C13418A59B34C3700",
        "7C4384410467F78E5F7F7686082B293E8D087E056916D0F74BC01A5F8957D0DE45691E51E8"
        "932B69A962B52A0985AD2C0A271EE6A13A8ADDDCD1A3A994B9DED257F4D227539000",
    ),
    ("008600000C7C0A8508450F02B86F6A090900", "7C0A860875D4D96E8D5B03089000"),
)
H1_SECRETS = (
    "5DD4CBFC96F5453B130D890A1CDBAE32",
    secret(H1.group, "A73FB703AC1436A18E0CFA5ABB3F7BEC7A070E7A6788486BEE230C4A22762595"),
)

# H.2: DH, integrated mapping, the 1024-bit group
H2 = variant("3.2", 0)._replace(suite=KeyOfH("AES-128", 16, 16))
H2_PRIVATE = (
    "4BD0E54740F9A028E6A515BFDAF967848C4F5F5FFF65AA0915947FFD1A0DF2FA6981271BC905F3551457B7E03AC3B806"
    "6DE4AA406C1171FB43DD939C4BA16175103BA3DEE16419AA248118F90CC36A3D6F4C373652E0C3CCE7F0F1D0C5425B36"
    "00F0F0D6A67F004C8BBA33F2B4733C7252445C1DFC4F1107203F71D2EFB28161"
)
H2_SCRIPT = (
    set_at("40302", 0),
    ("10860000027C0000", "7C1280109ABB8864CA0FF1551E620D1EF4E135109000"),
    ("10860000147C128110B3A6DB3C870C3E99245E0D1C06B747DE00", "9000"),
    (
        "10860000867C81838381800F0CC62945A8029251FB7EF3C094E12EC68E4EF07F27CB9D9CD04C5C4250FAE0"
        "E4F8A951557E929AEB48E5C6DD47F2F5CD7C351A9BD2CD722C07EDE166770F08FFCB370262CF308DD7B07F2E0DA9CAAA"
        "1492344C852906919538C98A4BA4187E76CE9D87832386D319CE2E043C3343AEAE6EDBA1A9894DC5094D22F7FE1351D500",
        "7C8183848180928D9A0F9DBA450F13FC859C6F290D1D36E42431138A4378500BEB4E0401854C"
        "FF111F71CB6DC1D0335807A11388CC8EAA87B07907AAD9FBA6B169AF6D8C26AF8DDDC39ADC3AD2E3FF882B84D23E9768"
        "E95A80E4746FB07A9767679FE92133B4D379935C771BD7FBED6C7BB4B1708B275EA75679524CDC9C6A91370CC662A2F39000",
    ),
    ("008600000C7C0A850855D61977CBF5307E00", "7C0A8608C2F04230187E15259000"),
)
H2_SECRETS = ("B3A6DB3C870C3E99245E0D1C06B747DE", secret(H2.group, H2_PRIVATE))

# I.1: ECDH, CA mapping, brainpoolP256r1
I1 = variant("6.2", 13)
I1_PASSWORD = Password.of_mrz("C11T002JM", "960812", "231031")
I1_SCRIPT = (
    set_at("40602", 13),
    ("10860000027C0000", "7C128010CB60E8E0D85B76A9BD304747C2AD42E29000"),
    (
        "10860000457C438141047F1D410ADB7DDB3B84BF1030800981A9105D7457B4A3ADE002384F3086C67EDE"
        "1AB889104A27DB6D842B019020FBF3CEACB0DC627F7BDCAC29969E19D0E553C100",
        "7C43824104A234236AA9B9621E8EFB73B5245C0E09D2576E5277183C1208BDD55280CAE8B3"
        "04F365713A356E65A451E165ECC9AC0AC46E3771342C8FE5AEDD092685338E239000",
    ),
    (
        "10860000457C43834104446C934084D9DAB863944F219520076C29EE3F7AE6722B11FF319EC1C7728F95"
        "5483400BFF60BF0C5929270009277DC2A515E12575010AD9BA916CF1BF86FEFC00",
        "7C4384410402AD566F3C6EC7F9324509AD50A51FA52030782A4968FCFEDF737DAEA9933331"
        "11C3B9B4C2287789BD137E7F8AA882E2A3C633CCD6ECC2C63C57AD401A09C2E19000",
    ),
    (
        "008600000C7C0A8508E86BD06018A1CD3B00",
        "7C3C86088596CF055C67C1A38A301EEA964DAAE372AC990E3EFDE6333353BFC89A6704D93DA8798CF77F5B7A54BD10CB"
        "A372B42BE0B9B5F28AA8DE2F4F929000",
    ),
)
I1_SECRETS = (
    secret(I1.group, "5D8BB87BD74D985A4B7D4325B9F7B976FE835122773400798914AA22738135CC"),
    secret(I1.group, "76ECFDAA9841C323A3F5FC5E88B88DB3EFF7E35EBF57A7E6946CB630006C2120"),
)
I1_KEYS = parse_security_infos(
    bytes.fromhex(
        "31643062060904007F0007020201023052300C060704007F0007010202010D034200041872709494399E7470A6431BE25E83EE"
        "E24FEA568C2ED28DB48E05DB3A610DC884D256A40E35EFCB59BF6753D3A489D28C7A4D973C2DA138A6E7A4A08F68E16F02010D"
    )
).chip_authentication_keys

EXAMPLES = {
    "G.1": (G1, MRZ, G1_SCRIPT, G1_SECRETS, "F5F0E35C0D7161EE6724EE513A0D9A7F", "FE251C7858B356B24514B3BD5F4297D1"),
    "G.2": (G2, MRZ, G2_SCRIPT, G2_SECRETS, "2F7F46ADCC9E7E521B45D192FAFA9126", "805A1D27D45A5116F73C54469462B7D8"),
    "H.1": (H1, MRZ, H1_SCRIPT, H1_SECRETS, "0D3FEB33251A6370893D62AE8DAAF51B", "B01E89E3D9E8719E586B50B4A7506E0B"),
    "H.2": (H2, MRZ, H2_SCRIPT, H2_SECRETS, "01AFC10CF87BE36D8179E87370171F07", "23F0FBD05FD6C7B8B88F4C8309669061"),
    "I.1": (I1, I1_PASSWORD, I1_SCRIPT, I1_SECRETS, "0A9DA4DB03BDDE39FC5202BC44B2E89E",
            "4B1C06491ED5140CA2B537D344C6C0B1"),
}  # fmt: skip


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_worked_examples_run_octet_for_octet(name: str) -> None:
    of, password, script, secrets, k_enc, k_mac = EXAMPLES[name]
    card = ScriptedCard(script)
    channel = Channel(card)
    pace.run(channel, password, of, random=randoms(*secrets))
    assert card.done
    secure = channel.messaging
    assert secure is not None
    assert (secure._k_enc.hex().upper(), secure._k_mac.hex().upper(), secure.ssc) == (k_enc, k_mac, 0)


def test_the_chip_of_appendix_i_proves_its_static_key() -> None:
    done = pace.run(Channel(ScriptedCard(I1_SCRIPT)), I1_PASSWORD, I1, random=randoms(*I1_SECRETS))
    assert done.chip_data.hex().upper() == "85DC3FA93D0952BFA82F5FD189EE75BD82F11D1F0B8ED4BF5319AC9B53C426B3"
    assert pace.verify_chip_authentication_mapping(done, I1_KEYS) == I1_KEYS[0].spki


def test_a_chip_that_proves_another_key_is_noticed() -> None:
    done = pace.run(Channel(ScriptedCard(I1_SCRIPT)), I1_PASSWORD, I1, random=randoms(*I1_SECRETS))
    other = I1_KEYS[0].spki[:-65] + I1.group.encode(I1.group.multiply(5, I1.group.generator))
    with pytest.raises(ProtocolError, match="cam_failed"):
        pace.verify_chip_authentication_mapping(done, [ChipAuthenticationPublicKeyInfo("x", other)])
    with pytest.raises(ProtocolError, match="cam_no_key"):
        pace.verify_chip_authentication_mapping(done, [])
    with pytest.raises(ProtocolError, match="cam_failed"):
        pace.verify_chip_authentication_mapping(replace(done, chip_data=b""), I1_KEYS)


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_wrong_token_of_the_chip_is_noticed(name: str) -> None:
    of, password, script, secrets, *_ = EXAMPLES[name]
    asked, answer = script[-1]
    changed = bytearray.fromhex(answer)
    changed[6] ^= 1
    channel = Channel(ScriptedCard([*script[:-1], (asked, changed.hex())]))
    with pytest.raises(ProtocolError, match="pace_failed"):
        pace.run(channel, password, of, random=randoms(*secrets))
    assert channel.messaging is None


def test_a_refused_token_is_a_wrong_password() -> None:
    channel = Channel(ScriptedCard([*G1_SCRIPT[:-1], (G1_SCRIPT[-1][0], "63C2")]))
    with pytest.raises(WrongPasswordError):
        pace.run(channel, MRZ, G1, random=randoms(*G1_SECRETS))


@pytest.mark.parametrize("step", [2, 3])
def test_a_chip_that_sends_the_readers_own_key_back_is_refused(step: int) -> None:
    script = list(G1_SCRIPT)
    asked, _ = script[step]
    key = bytes.fromhex(asked)[9:-1]
    script[step] = (asked, (b"\x7c\x43" + bytes([0x82 if step == 2 else 0x84, 0x41]) + key + b"\x90\0").hex())
    with pytest.raises(ProtocolError, match="pace_failed"):
        pace.run(Channel(ScriptedCard(script)), MRZ, G1, random=randoms(*G1_SECRETS))


@pytest.mark.parametrize("bad", ["", "00", "04" + "00" * 64, "02" + "11" * 64])
def test_a_point_that_is_none_is_refused(bad: str) -> None:
    script = list(G1_SCRIPT)
    point = bytes.fromhex(bad)
    body = b"\x82" + bytes([len(point)]) + point
    script[2] = (script[2][0], (b"\x7c" + bytes([len(body)]) + body + b"\x90\0").hex())
    with pytest.raises(ProtocolError):
        pace.run(Channel(ScriptedCard(script)), MRZ, G1, random=randoms(*G1_SECRETS))


def test_the_best_variant_is_chosen() -> None:
    prefix = "0.4.0.127.0.7.2.2.4."
    gm, cam, im, des = (PaceInfo(prefix + n, 2, 13) for n in ("2.2", "6.2", "4.4", "2.1"))
    for offered, best in (((gm, cam, im), cam), ((im, des), des), ((des, gm), gm), ((im,), im)):
        chosen = pace.choose(offered)
        assert chosen is not None
        assert chosen.protocol == best.protocol
    assert (
        pace.choose([PaceInfo(prefix + "2.2", 2, None), PaceInfo(prefix + "6.1", 2, 13), PaceInfo("1.2.3", 2, 13)])
        is None
    )
    assert pace.choose([PaceInfo(prefix + "4.2", 2, 10)]) is None  # secp224r1 has no integrated mapping
    assert pace.choose([PaceInfo(prefix + "1.2", 2, 13)]) is None  # DH with a curve


def test_integrated_mapping_gives_a_point_of_every_curve_that_has_it() -> None:
    for group in STANDARDISED.values():
        if isinstance(group, EcGroup) and group.curve.p % 4 == 3:
            for octet in range(8):
                assert group.curve.has(pace.map_integrated(group, AES_128, bytes([octet]) * 16, bytes(16)))


def test_passwords_do_not_show_themselves() -> None:
    assert "640812" not in repr(MRZ)
    assert MRZ.seed.hex() not in repr(MRZ)
    assert MRZ.kind is PasswordKind.MRZ


def test_pace_restarts_the_counter() -> None:
    channel = Channel(ScriptedCard([*G1_SCRIPT, ("0CA4020C1D", "9000")]))
    pace.run(channel, MRZ, G1, random=randoms(*G1_SECRETS))
    assert channel.messaging is not None
    channel.messaging.protect(Command(0, Ins.SELECT, 2, 0x0C, b"\x01\x1e"))
    assert channel.messaging.ssc == 1
