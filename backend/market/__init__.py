"""Happiness Market (幸福集市): services that come to the estates, by slot or by queue number."""
