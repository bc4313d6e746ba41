"""The neural simulator of printed filters: a graph network corrects the closed forms."""
