"""Notices (公告): what a community office tells everybody who lives there."""
