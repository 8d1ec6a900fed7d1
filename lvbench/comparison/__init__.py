"""Compare two runs: statistics, policy and outputs."""
