"""Define, write and load run folders."""
