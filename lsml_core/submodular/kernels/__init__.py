"""What makes submodular maximisation fast; each kernel equals a plain form in the folder above."""
