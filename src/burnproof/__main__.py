"""``python -m burnproof`` is ``burnproof``."""

from burnproof.cli import main

main()
