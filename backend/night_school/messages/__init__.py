"""What the night school says in its reminders, in Chinese as a community office writes it."""
