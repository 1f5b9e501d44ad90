"""The rain plan: a whole market moves to another day, hour or place, in one step."""
