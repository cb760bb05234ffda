"""`python -m labelwire.cli` is the command `labelwire`."""

from . import main

main()
