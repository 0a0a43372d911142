"""Words: counted, rendered into the other language, and searched."""
