"""The wire, without I/O: what a call is, how one is made, and what may go wrong on the way."""
