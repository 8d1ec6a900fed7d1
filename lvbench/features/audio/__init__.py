"""Features of the audio track."""
