"""What a qualification is made of, as pure functions over plain data."""
