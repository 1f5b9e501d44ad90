"""What the console's forms say, as marshmallow schemas."""
