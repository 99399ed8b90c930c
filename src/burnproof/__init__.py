"""burnproof: an SLO compiler whose every alert carries its proof."""

__version__ = "0.1.0"
