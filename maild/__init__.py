"""maild: an e-mail-centric ticketing daemon."""

__version__ = "0.1.0"
