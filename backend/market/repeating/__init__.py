"""Markets from a template, every month: made ahead as drafts, or by hand after a look."""
