"""The network: what it reads, how it attends, and lighter forms of it."""
