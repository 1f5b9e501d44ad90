"""Attendance that was taken without a network, brought to the server afterwards."""
