"""Words in personal names that carry little or no identity; the words are in `words.toml`."""

import re

from sogdia.compliance.screening.tables.data import load_table

_TABLE = load_table("words.toml")

HONORIFICS = frozenset(_TABLE["honorifics"].split())
PARTICLES = frozenset(_TABLE["particles"].split())
ARABIC_PARTICLES = frozenset(_TABLE["arabic_particles"].split())
COMMON_LATIN = tuple(_TABLE["common_latin"].split())
COMMON_ARABIC = tuple(_TABLE["common_arabic"].split())
CYRILLIC_GIVEN_NAMES: dict[str, tuple[str, ...]] = {
    name: tuple(f"{given.get(name, '')} {short.get(name, '')}".split())
    for given, short in [(_TABLE["cyrillic_given_names"], _TABLE["cyrillic_short_names"])]
    for name in given | short
}

# Suffixes that make a father's name of a given name, in Latin spelling.
PATRONYMIC = re.compile(
    r"(?:ovich|evich|ovych|evych|yevich|ievich|ovitch|evitch|ovic|evic|ovna|evna|yevna|ivna|"
    r"ichna|inichna|uly|uli|ulu|kyzy|kizi|qyzy|qizi|gyzy|kyzi|ogly|oglu|ugli|ogli|zoda|zade)$"
)

# Son of and daughter of, where they are words of their own and follow the father's name.
FATHER_SUFFIXES = frozenset(_TABLE["father_suffixes"].split())
