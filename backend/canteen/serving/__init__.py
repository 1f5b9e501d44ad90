"""What was really eaten: meals handed over at the counter or at the door, once, and never lost."""
