"""Run ``python -m burnproof`` as ``burnproof``."""

from burnproof.cli import main

main()
