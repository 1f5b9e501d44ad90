"""The shapes of what residents' clients send and receive."""
