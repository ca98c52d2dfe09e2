"""From what the line recogniser sees to the lines of a machine readable zone: the format's grammar on top of the model.

>>> from fanal.capture.mrz_decode import decode
>>> from fanal.capture.mrz_model import LineRecogniser
>>> decoded = decode(LineRecogniser().recognise([upper, lower]))                # doctest: +SKIP
>>> decoded.format, decoded.lines[1].text, decoded.accepted, decoded.overruled  # doctest: +SKIP

**What goes in**: the answers for strips that lie under each other in one picture, from top to bottom. They need not all
be of the MRZ: captions above or below it are passed over. `decode` takes the stretch of them that makes a format.
Where a reading is not accepted, cut the strips again a little otherwise (1.06 times as high, 0.95 times as wide), and
give all cuts together: `decode(strips, again, once_more)`.

**What the grammar may do** (Doc 9303-3 to -7, `fanal.documents.mrz.formats`):

1. *Line length.* The pitch of an MRZ is constant, so 30, 36 or 44 characters are looked for at equal distances. What
   the model sees beside the line is dropped; where it sees nothing inside the line, `UNREAD` ("?") is said. Nothing is
   filled in.
2. *Alphabet of each field, fillers of names, fields of codes and dates.* Each has a price, not a prohibition: what is
   printed against the grammar and plainly seen stays as it is printed.
3. *Check digits.* Where some are wrong and a reading that the model holds possible puts all of them right, that one is
   taken. A wrong check digit that the model sees plainly stays wrong: that is how forgeries are found.

Whatever the grammar changed is listed in `overruled`, with what the model said and how sure it was.

**`accepted`** says whether the lines may be used as they are. It rests on the probability that every character is
right, where a check digit that holds vouches for what it covers and nothing vouches for names and State codes. The
threshold was set on made pictures (docs/model-card-mrz.md). `doubts` say why not.
"""

from fanal.capture.mrz_decode.decoder import (
    UNREAD,
    Character,
    Decoded,
    DecodedLine,
    Doubt,
    Overruled,
    Rule,
    decode,
)

__all__ = [
    "UNREAD",
    "Character",
    "Decoded",
    "DecodedLine",
    "Doubt",
    "Overruled",
    "Rule",
    "decode",
]
