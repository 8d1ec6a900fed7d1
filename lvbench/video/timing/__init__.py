"""When each picture of a video is shown."""
