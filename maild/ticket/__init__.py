"""What is decided about a ticket: values and pure functions, no I/O, no clock, no randomness."""
