"""Elementary functions, bit for bit as Go's math package computes them on amd64."""
