"""How is the data kept? Files of every kind become rows of cells under headers: parts."""
