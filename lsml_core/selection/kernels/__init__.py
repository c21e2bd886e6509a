"""What makes data selection fast; each kernel equals a plain form in the folder above."""
