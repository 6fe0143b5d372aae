"""What is seen: pure functions from structure and values to markup."""
