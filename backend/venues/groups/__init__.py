"""Registered groups: several people who reserve rooms on one quota."""
