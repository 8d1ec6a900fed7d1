"""What a set of videos is made of, and which of them are better left out."""
