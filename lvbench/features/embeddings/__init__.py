"""Networks that read single pictures, and the subject's region."""
