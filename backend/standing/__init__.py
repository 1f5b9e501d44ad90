"""How reliably a person comes to what they booked (出勤情况), whatever the service.

No sum is kept anywhere: services say what was missed, the weights follow from when that was.
"""
