"""The name field: two identifiers in a number of positions, shortened where they do not fit.

ICAO Doc 9303-4, -5, -6 and -7, 4.2.2.1 and 4.2.3. The standard leaves the issuing State the choice among several ways
of shortening. This is the way: components of the secondary identifier are shortened from the last, to initials if need
be; if that is not enough, components of the primary identifier become initials, from the last, until there is room for
`<<` and a letter of the secondary identifier. A shortened name ends in a letter at the last position, which is how it
is known for one; where only initials are left and their count leaves one position over, that is a filler.
"""

from __future__ import annotations


def name_field(primary: str, secondary: str, length: int) -> str:
    """`length` characters of a name field. Both identifiers are in A-Z with single spaces between components."""
    whole = primary.replace(" ", "<") + ("<<" + secondary.replace(" ", "<") if secondary else "")
    if len(whole) <= length:
        return whole.ljust(length, "<")
    first, second = primary.split(), secondary.split()

    # 1. The secondary identifier is shortened, the primary stands whole.
    room = length - len("<".join(first)) - 2
    if second and room >= 2 * len(second) - 1:
        return "<".join(first) + "<<" + "<".join(_shortened(second, room))
    if not second:
        return "<".join(_shortened(first, length)).ljust(length, "<")

    # 2. The primary identifier is shortened: initials from the last component on, until << and a letter fit.
    kept = list(first)
    for at in range(len(kept) - 1, 0, -1):
        if len("<".join(kept)) <= length - 3:
            break
        kept[at] = kept[at][0]
    kept = _shortened(kept, min(length - 3, len("<".join(kept))))
    both = "<".join(second)
    given = both[: length - len("<".join(kept)) - 2].rstrip("<")
    # 3. What is left over goes back to the primary identifier, so that a letter stands at the last position.
    spare = length - len("<".join(kept)) - 2 - len(given)
    for at, component in enumerate(kept):
        more = first[at][len(component) : len(component) + spare]
        kept[at] += more
        spare -= len(more)
    # 4. Where it has no use for that, it gives up a letter: with two positions another initial can stand there.
    if spare:
        for at in range(len(kept) - 1, -1, -1):
            if len(kept[at]) > 1:
                kept[at] = kept[at][:-1]
                given = both[: len(given) + 2]
                break
    return ("<".join(kept) + "<<" + given).ljust(length, "<")


def _shortened(components: list[str], room: int) -> list[str]:
    """The components shortened from the last, to one letter each if need be, to just `room` with single fillers."""
    kept = list(components)
    while len(kept) > 1 and 2 * len(kept) - 1 > room:
        kept.pop()  # not even the initials fit
    excess = len("<".join(kept)) - room
    for at in range(len(kept) - 1, -1, -1):
        cut = max(0, min(excess, len(kept[at]) - 1))
        kept[at] = kept[at][: len(kept[at]) - cut]
        excess -= cut
    return kept
