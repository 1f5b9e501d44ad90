"""Carrying meals to people's doors: a courier claims a run, ticks its stops, and comes back."""
