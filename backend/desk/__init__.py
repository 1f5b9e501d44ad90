"""The people desk of a community office: find, register, act for, and merge residents.

It stands on all services, since a person's card shows and changes what they have in each.
"""
