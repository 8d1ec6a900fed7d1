"""Networks that read windows of video."""
