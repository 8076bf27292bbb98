"""What a visitor's address, agent and headers tell: where from, on what, by what, a bot or not, here before or not."""
