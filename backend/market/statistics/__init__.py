"""Markets in figures: people served, waits, who did not come; by service, provider and place.

`report.read` is what the console asks. Nothing in it names a resident.
"""
