"""What makes pruning fast; each kernel equals a plain form in the folder above."""
