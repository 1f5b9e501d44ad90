"""What a meal costs: list price, discount, subsidies by rule and payer, what the resident pays."""
