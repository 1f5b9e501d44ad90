"""What a canteen's month came to, for everybody to read: meals, income, subsidies, cost."""
