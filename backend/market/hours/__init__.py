"""Hours of those who served at markets: from the events of the day, put right by staff.

Who stands at a stall has worked as long as the stall did (working.py says when that is).
"""
