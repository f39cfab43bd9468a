"""What does a column say? Cells as text become dates, numbers and ids, each column by one rule."""
