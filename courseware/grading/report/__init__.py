"""What students, instructors and grade books get to read."""
