"""A million invented persons of the Caribbean and of the world, from a seed, and what becomes of their names at a desk.

Family and given names are drawn with the skew that real ones have (a few that very many bear, a long tail) from short
lists of usual ones and from syllables of the language. Nobody in particular is meant.
"""

from __future__ import annotations

import random
from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate

from fanal.documents.dates import PartialDate
from fanal.documents.mrz.names import name_field
from fanal.documents.mrz.transliteration import transliterate
from fanal.screening import DocumentNumber, Entry, Person

LIST = "generated"


@dataclass(frozen=True)
class Culture:
    """How names are made: usual ones first, then syllables; how many of each one person has."""

    share: int
    nationalities: tuple[str, ...]
    surnames: tuple[str, ...]
    given_f: tuple[str, ...]
    given_m: tuple[str, ...]
    syllables: tuple[str, ...]
    endings: tuple[str, ...]
    two_surnames: float
    two_given: float
    tail: int  # family names beyond the usual ones
    places: tuple[str, ...]


def _w(text: str) -> tuple[str, ...]:
    return tuple(word.replace("_", " ") for word in text.split())


CULTURES = (
    Culture(
        34, ("DOM", "CUB", "VEN", "COL", "PRI", "MEX", "ESP"),
        _w("Rodríguez Pérez Martínez García Sánchez Peña Reyes Ramírez Jiménez Díaz Núñez Cruz Hernández Santana "
           "Castillo Rosario Mejía Santos Guzmán Vásquez Polanco Féliz Encarnación Méndez Valdez Batista "
           "De_la_Cruz Mercedes Almonte Tejada Ortiz Morel Acosta Cabrera Lantigua Suárez Ventura "
           "Taveras Familia Montero "
           "De_los_Santos Paulino Frías Medina Contreras Disla Marte Ogando Peralta Liriano"),
        _w("María Ana Juana Rosa Carmen Altagracia Luz Yolanda Mercedes Ramona Francisca Dolores Milagros Josefina "
           "Guadalupe Teresa Isabel Elena Patricia Carolina Margarita Beatriz Gabriela Concepción Yudelka Niurka"),
        _w("José Juan Luis Carlos Miguel Rafael Ramón Francisco Pedro Manuel Antonio Jesús Julio Domingo Víctor "
           "Ángel Santiago Enrique Eduardo Alejandro Roberto Joaquín Gregorio Guillermo Bienvenido Leonardo"),
        _w("al ba ca do es fer gal her in ju la mar na or pa que ra sal to ur va yan zo ber cas del gui len mon ro ti"),
        _w("ez o a era illo osa ín ero ada al és ón ino eda ar anza ales aque"), 0.92, 0.65, 6000,
        _w("Santo_Domingo Santiago La_Vega Barahona Higüey San_Juan La_Habana Caracas Maracaibo Ponce"),
    ),
    Culture(
        26, ("HTI", "GLP", "MTQ", "FRA", "GUF"),
        _w("Jean Pierre Joseph Louis Charles François Jean-Baptiste Michel Augustin Antoine Étienne Paul Saint-Louis "
           "Baptiste Dorvil Pierre-Louis Desir Célestin Noël Toussaint Jacques Alexis Philippe Simon Laurent Guerrier "
           "Estimé Casséus Exantus Mésidor Charlot Orélus Fleury Bien-Aimé Saint-Fleur Lafleur Moïse Élie Valcourt "
           "Théodore Duverger Lamour Petit-Frère Saintil Destin Clervil Lubin Germain Occean Dorcé"),
        _w("Marie Rose Marie-Ange Nadège Guerline Myrlande Fabiola Chantal Mirlande Roseline Yolette Marie-Claire "
           "Dieula Ketline Catherine Elisabeth Madeleine Anne-Marie Jeanne Islande Guerda Wideline Lovely Darline"),
        _w("Jean Jean-Claude Wilner Frantz Emmanuel Jacques Pierre Jean-Robert Dieudonné Joseph Michel Fritz Gérard "
           "Wesly Jimmy Antoine Louis Philippe Jean-Pierre Ronald Kesner Evens Stevenson Junior Mackenson Widson"),
        _w("al beau cha dor es fleu gen hya is jo lau mé na or pé qui ré sain ti va wil zé ber clo del fré gué mo"),
        _w("ville mond son ard eau in ette ier ant is elin us ère eux oit ac aud ane"), 0.04, 0.45, 5000,
        _w("Port-au-Prince Cap-Haïtien Gonaïves Jacmel Les_Cayes Jérémie Ouanaminthe Hinche Pointe-à-Pitre"),
    ),
    Culture(
        18, ("JAM", "BHS", "TTO", "BRB", "USA", "GBR", "TCA", "GUY"),
        _w("Williams Brown Smith Johnson Campbell Thompson Jones Davis Clarke Rolle Ferguson Stewart Grant Morris "
           "Miller Edwards Gordon Reid Bailey Robinson Knowles Moxey Francis Henry James Lewis Alexander Mohammed "
           "Singh Joseph Charles Thomas Ali Walker Allen Wright Morgan Scott McKenzie O'Connor Saunders Cooper"),
        _w("Mary Patricia Sandra Michelle Shanice Keisha Sharon Elizabeth Margaret Dorothy Kimberly Natasha Althea "
           "Marcia Beverley Angela Christine Catherine Deborah Jennifer Susan Theresa Victoria Tamika Latoya"),
        _w("John David Michael Robert James William Christopher Anthony Kevin Richard Andrew Devon Leroy Desmond "
           "Winston Alexander Benjamin Charles Daniel Edward Joseph Matthew Nicholas Thomas Kirk Jermaine Omar"),
        _w("al ba car dun ed fen gar har in jen ken lin mor nor os pen rob sun tal um wal yar bran chel der fro hol"),
        _w("son ton ley man field worth er ford wood ham land by well gate sey ridge"), 0.05, 0.7, 5000,
        _w("Kingston Nassau Port_of_Spain Bridgetown Montego_Bay Freeport Miami London Georgetown"),
    ),
    Culture(
        7, ("SYR", "LBN", "EGY", "MAR", "DZA", "IRQ", "SAU", "PAK"),
        _w("Hassan Hussein Ali Ahmed Khan al-Masri Khoury Haddad Mansour Saleh Ibrahim Nasser al-Sayed Bakr Aziz "
           "al-Rashid Benali Bouazza Qureshi Chaudhry Malik Shaheen Najjar Darwish al-Hakim"),
        _w("Fatima Aisha Khadija Maryam Zainab Layla Noor Amina Samira Yasmin Hanan Nadia Rania Salma Huda"),
        _w("Mohammed Ahmed Mahmoud Youssef Omar Khaled Mustafa Ibrahim Abdullah Hassan Hussein Tariq Samir Karim "
           "Abdulrahman Walid Rashid Bilal Hamza Faisal"),
        _w("al ba dar fa gha ha jab kha la mu na qa ra sa sha ta wa ya za rah mid sou ni dou kar bou"),
        _w("i an oud in ah awi ari ani our aoui ullah iyeh eddin"), 0.1, 0.55, 4000,
        _w("Damascus Beirut Cairo Casablanca Algiers Baghdad Lahore Aleppo"),
    ),
    Culture(
        6, ("RUS", "UKR", "POL", "BGR", "SRB"),
        _w("Ivanov Petrov Smirnov Kuznetsov Popov Volkov Sokolov Lebedev Kozlov Novikov Morozov Pavlov Shevchenko "
           "Kovalenko Bondarenko Tkachenko Kowalski Nowak Wisniewski Jovanovic Georgiev Dimitrov"),
        _w("Anna Olga Elena Natalia Tatiana Irina Svetlana Ekaterina Maria Yulia Oksana Ludmila Katarzyna"),
        _w("Aleksandr Sergey Dmitry Andrey Alexey Vladimir Mikhail Nikolay Ivan Yevgeny Oleg Igor Yuri Pavel Viktor"),
        _w("ba cher dra gor kha kol kru lub mal mi ni os pro rad shche sta tur vol ya zhe zu ber yur"),
        _w("ov ev sky enko in chuk ovich ak ik kin yshev ovsky"), 0.0, 0.1, 4000,
        _w("Moscow Kyiv Warsaw Sofia Belgrade Odessa Kazan"),
    ),
    Culture(
        5, ("CHN", "TWN", "KOR", "VNM"),
        _w("Wang Li Zhang Liu Chen Yang Huang Zhao Wu Zhou Xu Sun Ma Zhu Hu Guo He Lin Gao Luo Kim Park Lee Choi "
           "Nguyen Tran Le Pham"),
        _w("Xiaoling Meihua Yanfang Lijuan Xiuying Jing Fang Minji Hyunjoo Thuy Lan Xueqin Huizhen"),
        _w("Jianguo Wei Zhiming Guoqiang Haoran Junjie Minho Jaehyun Sungmin Tuan Minh Yongjun Xiaodong Zhiqiang"),
        _w("bai chao ding fang guang hong jian kang lan ming ning peng qing ren shan tian wen xiang yuan zhen"),
        _w("g n u o i ao ei"), 0.0, 0.05, 600,
        _w("Beijing Guangzhou Taipei Seoul Hanoi Fuzhou"),
    ),
    Culture(
        4, ("NGA", "GHA", "SEN", "CMR", "COD"),
        _w("Okafor Adeyemi Mensah Owusu Diallo Ndiaye Traoré Balogun Okonkwo Eze Kamara Mbeki Ngoma Kabongo Fall Sow"),
        _w("Ngozi Amina Fatou Aminata Blessing Grace Chioma Abena Akosua Mariama Esther Joy"),
        _w("Chukwu Kwame Kofi Mamadou Ousmane Emeka Tunde Ibrahima Samuel Emmanuel Daniel Olusegun"),
        _w("a ba chi do e fa ka ki ko lu ma mba na ndi nga o obi ola sa ta u wa zu ade ife"),
        _w("ka ni wa mbo gu ye de ndo la eke ama oro inde"), 0.05, 0.4, 3000,
        _w("Lagos Accra Dakar Douala Kinshasa Kano"),
    ),
)  # fmt: skip


class Pool:
    """Names with the weights of a Zipf-like law: the first ones are very many people's."""

    def __init__(self, names: list[str], exponent: float) -> None:
        self.names = names
        self.cumulated = list(accumulate((rank + 3) ** -exponent for rank in range(len(names))))

    def draw(self, rng: random.Random) -> str:
        return self.names[bisect(self.cumulated, rng.random() * self.cumulated[-1])]


def _tail(rng: random.Random, culture: Culture, count: int) -> list[str]:
    found: dict[str, None] = {}
    while len(found) < count:
        stem = "".join(rng.choice(culture.syllables) for _ in range(rng.choice((1, 2, 2, 2, 3))))
        found[(stem + rng.choice(culture.endings)).capitalize()] = None
    return list(found)


class People:
    """The generator. The same seed gives the same persons."""

    def __init__(self, seed: int = 7) -> None:
        self.rng = random.Random(seed)
        self.pools = [
            (
                culture,
                Pool([*culture.surnames, *_tail(self.rng, culture, culture.tail)], 0.9),
                {
                    "F": Pool([*culture.given_f, *_tail(self.rng, culture, culture.tail // 10)], 0.9),
                    "M": Pool([*culture.given_m, *_tail(self.rng, culture, culture.tail // 10)], 0.9),
                },
            )
            for culture in CULTURES
        ]
        self.shares = list(accumulate(culture.share for culture in CULTURES))

    def person(self) -> tuple[Person, str, str]:
        """A person, with the primary and the secondary identifier apart."""
        rng = self.rng
        culture, surnames, given = self.pools[bisect(self.shares, rng.random() * self.shares[-1])]
        sex = rng.choice("FM")
        primary = surnames.draw(rng)
        if rng.random() < culture.two_surnames:
            primary += " " + surnames.draw(rng)
        secondary = given[sex].draw(rng)
        if rng.random() < culture.two_given:
            second = given[sex].draw(rng)
            secondary += " " + second if second != secondary else ""
        born = date(1935, 1, 1) + timedelta(days=int(rng.triangular(0, 32_000, 20_000)))
        documents: tuple[DocumentNumber, ...] = ()
        if rng.random() < 0.4:
            documents = (DocumentNumber(f"{rng.choice('ABPRS')}{rng.randrange(10**8):08d}", culture.nationalities[0]),)
        nationality = culture.nationalities[min(int(rng.expovariate(0.9)), len(culture.nationalities) - 1)]
        day = PartialDate.of(born)
        if (chance := rng.random()) < 0.03:
            day = PartialDate(born.year)
        elif chance < 0.05:
            day = PartialDate(born.year, 1, 1)
        place = rng.choice(culture.places) if rng.random() < 0.5 else ""
        person = Person((f"{secondary} {primary}",), (day,), sex, (nationality,), place, documents)
        return person, primary, secondary

    def entries(self, count: int) -> Iterator[tuple[Entry, str, str]]:
        for at in range(count):
            person, primary, secondary = self.person()
            yield Entry(LIST, str(at), person), primary, secondary


# --- what becomes of a name at a desk ---------------------------------------------------------------------------------

_SPELLINGS = (
    ("OU", "U"), ("KH", "H"), ("SH", "CH"), ("Y", "I"), ("PH", "F"), ("EE", "I"), ("V", "W"), ("X", "KS"), ("AH", "A"),
    ("SKY", "SKIY"), ("EV", "YEV"), ("Z", "S"), ("TH", "T"), ("CK", "K"), ("C", "K"), ("MM", "M"), ("SS", "S"),
    ("LL", "L"), ("EI", "AI"), ("EN", "AN"),
)  # fmt: skip
_LETTERS = "ABCDEFGHIJKLMNOPRSTUVYZ"


def typo(rng: random.Random, word: str) -> str:
    """One error of the fingers: a letter left out, added, changed, or two that changed places."""
    if len(word) < 3:
        return word
    at = rng.randrange(1, len(word))
    how = rng.randrange(4)
    if how == 0:
        return word[:at] + word[at + 1 :]
    if how == 1:
        return word[:at] + rng.choice(_LETTERS) + word[at:]
    if how == 2:
        return word[:at] + rng.choice(_LETTERS) + word[at + 1 :]
    return word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :]


def _day(born: PartialDate) -> int:
    return 28 if (born.month, born.day) == (2, 29) else born.day or 1


def at_the_desk(rng: random.Random, person: Person, primary: str, secondary: str) -> Person:
    """The same person as a clerk, an MRZ or a carrier gives her: in the letters of an MRZ, seldom without error."""
    first, second = transliterate(primary).split(), transliterate(secondary).split()
    error = rng.random()
    if error < 0.20:  # one error of the fingers
        words = first if rng.random() < 0.6 else second
        at = rng.randrange(len(words))
        words[at] = typo(rng, words[at])
    elif error < 0.35:  # another transliteration
        for words in (first, second):
            for at, word in enumerate(words):
                ways = [(a, b) for a, b in _SPELLINGS if a in word]
                if ways and rng.random() < 0.6:
                    words[at] = word.replace(*rng.choice(ways), 1)
    elif error < 0.43:  # given and family name have changed places
        first, second = second, first
    elif error < 0.53 and len(first) > 1:  # one of two surnames
        first = first[:1] if rng.random() < 0.8 else first[1:]
    elif error < 0.63 and len(second) > 1:  # one of two given names, or its initial
        second = [second[0], second[1][0]] if rng.random() < 0.4 else second[:1]
    elif error < 0.68:  # written in one word
        if len(second) > 1:
            second = ["".join(second[:2]), *second[2:]]
        elif len(first) > 1:
            first = ["".join(first[:2]), *first[2:]]
    field = name_field(" ".join(first), " ".join(second), rng.choice((39, 39, 30)))
    a, _, b = field.partition("<<")
    name = f"{b.replace('<', ' ').strip()} {a.replace('<', ' ').strip()}".strip()

    (born,) = person.born
    chance = rng.random()
    if chance < 0.04:
        born = PartialDate(born.year)
    elif chance < 0.06:
        born = PartialDate(born.year, 1, 1)
    elif chance < 0.10 and born.day and born.month and born.day <= 12:
        born = PartialDate(born.year, born.day, born.month)
    elif chance < 0.13 and born.is_whole and born.day and born.month:
        how = rng.randrange(3)
        if how == 0:
            born = PartialDate(born.year + rng.choice((-1, 1)), born.month, _day(born))
        elif how == 1:
            day = _day(born)
            days = [d for d in (day - 10, day - 1, day + 1, day + 10) if 1 <= d <= 28]
            born = PartialDate(born.year, born.month, rng.choice(days or [15]))
        else:
            born = PartialDate(born.year + rng.choice((-10, 10)), born.month, _day(born))
    sex = "" if rng.random() < 0.03 else person.sex
    nationalities = person.nationalities if rng.random() < 0.97 else ("USA",)
    documents: tuple[DocumentNumber, ...] = (
        DocumentNumber(f"N{rng.randrange(10**8):08d}", nationalities[0]),
    )  # a new passport
    if person.documents and rng.random() < 0.3:
        documents = person.documents
    return Person((name,), (born,), sex, nationalities, "", documents)
