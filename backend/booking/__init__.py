"""The shared rules of booking: places, waiting lists, offers. Imports no service."""
