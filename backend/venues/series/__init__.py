"""Recurring reservations: a room every week or every second week, each date a reservation."""
