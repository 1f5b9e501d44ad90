"""Statistics of the night school: what was offered, filled, waited for and attended, by every cut.

`report.read` is what the console asks; nothing in it names a person (privacy.py).
"""
