"""Venues (阵地): rooms with hours and rules, reserved free of charge."""
