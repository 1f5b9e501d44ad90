"""Who eats: what somebody may not or cannot eat, and what their price depends on."""
