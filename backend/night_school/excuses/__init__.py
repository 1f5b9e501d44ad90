"""Residents ask to be excused from a lesson (请假), beforehand or soon after."""
