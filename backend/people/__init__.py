"""Residents, their households and sign-ins, consent, and the encryption of what is theirs alone."""
