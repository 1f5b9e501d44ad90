"""Text messages to residents' phones: one interface, and the providers behind it."""
