"""Pages about people and their accounts, a module for each thing."""
