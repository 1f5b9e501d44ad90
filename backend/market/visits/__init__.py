"""Home visits: slots of a second kind, for who cannot come down to the market."""
