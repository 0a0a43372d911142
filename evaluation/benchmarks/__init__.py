"""Speed and memory of the real commands; each module is a script, `python -m …` with --help."""
