"""Invented travellers, from a seed. Their names are put together by lot in the styles of the region.

Names are as a visual inspection zone prints them (Doc 9303-3, 3.4): capitals, with diacritics, hyphens and apostrophes.
All travellers are of Utopia (UTO, the State that Doc 9303 uses in its examples).
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class Style(StrEnum):
    """How a name is built."""

    SPANISH = "spanish"  # two given names, two surnames, particles
    FRENCH = "french"  # hyphened given names, Saint- and -Baptiste surnames
    ENGLISH = "english"  # one surname, now and then hyphened or with an apostrophe
    LONG = "long"  # more than a name field of an MRZ holds, so that Doc 9303 shortens it
    SINGLE = "single"  # a primary identifier alone (Doc 9303-3, 3.4)


@dataclass(frozen=True, slots=True)
class Traveller:
    """An invented holder of a Utopian document."""

    primary_identifier: str
    secondary_identifier: str  # "" where the traveller has one name only
    sex: str  # "F", "M" or "X" (unspecified)
    date_of_birth: date
    place_of_birth: str
    style: Style


_SURNAMES = {
    Style.SPANISH: (
        "ALMÁNZAR BRISEÑO CASTAÑO DEL_ORBE ENCARNACIÓN FELIZ GUILLÉN HILARIO JÁQUEZ LANTIGUA MEDRANO MONTÁS "
        "MUÑOZ NÚÑEZ OLIVARES PEGUERO PEÑA QUEZADA ROSARIO SALDAÑA SUAZO TAVÁREZ URIBE VALDEZ YSABEL "
        "ZORRILLA DE_LA_CRUZ DE_LOS_SANTOS"
    ),
    Style.FRENCH: (
        "ALCINDOR BEAUVOIR BIEN-AIMÉ CÉLESTIN DÉSIR D'HAÏTI DORCÉ ÉTIENNE EXANTUS FLEURY GERMÉUS HYPPOLITE "
        "JEAN-BAPTISTE JOSEPH LAFLÈCHE L'ESPÉRANCE MÉSIDOR NOËL ORÉLUS PIERRE-LOUIS PLUVIOSE RÉMY "
        "SAINT-FLEUR SAINT-JUSTE THÉLUSMA VILSAINT"
    ),
    Style.ENGLISH: (
        "ARMBRISTER BETHEL BODDEN CAMPBELL-BLAKE CARTWRIGHT DELEVEAUX FORBES GARDINER HANDFIELD INGRAHAM "
        "KNOWLES LIGHTBOURNE MCINTOSH MISSICK MOXEY O'BRIEN O'REILLY PINTARD ROLLE-GIBSON SMITH-WELLS "
        "STUBBS THOMPSON WHYMS WILLIAMS YEARWOOD"
    ),
}
_GIVEN = {
    Style.SPANISH: {
        "F": (
            "ALTAGRACIA BELKIS CONCEPCIÓN DOLORES ELVIRA INÉS JOSEFINA LUZ MARÍA MERCEDES NURYS RAMONA SOFÍA YOLANDA"
        ),
        "M": ("ÁNGEL BIENVENIDO CÉSAR DOMINGO EFRAÍN FÉLIX IGNACIO JESÚS JOSÉ LEÓNIDAS MÁXIMO NICOLÁS RAFAEL TOMÁS"),
    },
    Style.FRENCH: {
        "F": (
            "ANNE-MARIE CHANTAL DIEULA ÉLIANE FABIOLA GUERLANDE HÉLÈNE LOUNA MARIE-ANGE MYRLANDE NADÈGE ROSELÈNE YANICK"
        ),
        "M": (
            "ANDRÉ DIEUDONNÉ EMMANUEL FRANÇOIS FRITZ GÉRARD JACQUES-ANDRÉ JEAN-ROBERT KESNER LOUIS OCTAVE RENÉ WILNER"
        ),
    },
    Style.ENGLISH: {
        "F": (
            "ALTHEA BERNADETTE CLARISSA DAPHNE ESME GWENDOLYN IONA JACINTH KEISHA LORRAINE MAVIS NEVILLENE PEARL TAMIKA"
        ),
        "M": ("ALPHONSO BASIL CEDRIC DESMOND EVERTON FITZROY GARTH HORACE IVAN KIRKLAND LEROY MALACHI NEVILLE ORVILLE"),
    },
}
_LONG_PARTS = (
    "ARRECIFE BAHÍAHONDA CAYOCRUZ DESESPÉRANCE ENSENADA-ALTA GRANDE-RIVIÈRE MONTECRISTALES SABANALARGA VALLESCONDIDO"
)
PLACES = ("ZENITH", "PORT-ESPOIR", "NEW HALCYON", "SAN ARCADIO", "MORNE-CLAIR", "AMAUROT", "SWEET BIGHT", "PUNTA ANÍS")
"""Towns of Utopia; none exists elsewhere, but for Amaurot, which Thomas More invented."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.replace("_", " ") for word in text.split())


def _name(rng: random.Random, style: Style, sex: str) -> tuple[str, str]:
    if style is Style.SINGLE:
        return rng.choice(_words(_SURNAMES[rng.choice((Style.FRENCH, Style.ENGLISH))])), ""
    base = rng.choice((Style.SPANISH, Style.FRENCH)) if style is Style.LONG else style
    given_of = _words(_GIVEN[base][sex if sex in "FM" else rng.choice("FM")])
    surnames = _words(_SURNAMES[base])
    if style is Style.LONG:
        primary = " ".join((rng.choice(surnames), *rng.sample(_words(_LONG_PARTS), 2)))
        return primary, " ".join(rng.sample(given_of, 4))
    if style is Style.SPANISH:
        return " ".join(rng.sample(surnames, 2)), " ".join(rng.sample(given_of, rng.choice((1, 2, 2))))
    if style is Style.FRENCH:
        return rng.choice(surnames), " ".join(rng.sample(given_of, rng.choice((1, 1, 2))))
    return rng.choice(surnames), " ".join(rng.sample(given_of, rng.choice((1, 2, 3))))


def invent_traveller(rng: random.Random, on: date) -> Traveller:
    """A traveller who is between 1 and 90 years old on the day `on`."""
    style = rng.choices(list(Style), weights=(30, 30, 30, 7, 3))[0]
    sex = rng.choices("FMX", weights=(49, 49, 2))[0]
    primary, secondary = _name(rng, style, sex)
    years = rng.choice((rng.randint(1, 17), *(rng.randint(18, 89) for _ in range(5))))
    born = on - timedelta(days=int(years * 365.25) + rng.randint(1, 360))
    return Traveller(primary, secondary, sex, born, rng.choice(PLACES), style)
