"""Made-up awarding organisations with known truth, and what each method says about them: `make bench-sense`."""
