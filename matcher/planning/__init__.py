"""The event plan: who meets whom, when, at which table; its check and its repair."""
