"""From files to audio samples, and back."""
