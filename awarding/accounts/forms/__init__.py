"""Forms about oneself and about people, by subject."""
