"""``python -m inside_bert``: what the command ``inside-bert`` does."""

from inside_bert.command import main

main()
