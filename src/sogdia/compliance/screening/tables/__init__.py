"""How names are spelled: syllables, letters and words, as data with the source of each."""
