"""Staff accounts, roles scoped to places, and the audit of what staff do."""
