"""New models come in while tickets are answered: watching, checking, swapping, shadowing."""
