"""Making the lexicon and the encoder that ship with the package."""
