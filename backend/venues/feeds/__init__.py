"""Calendars of rooms (iCal) behind signed links, for staff with names and for all as busy."""
