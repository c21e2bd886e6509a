"""What makes a picture answer a slider: the record of a demo, the browser's side of it, and the drawing."""
