"""Use of rooms: hours used of hours open, by room, hour and weekday; who did not come, or get in.

`report.read` is what the console asks. Days that are over are added up once (summaries.py).
"""
