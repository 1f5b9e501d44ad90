"""Rooms that staff take out of use for a time: maintenance, election day."""
