"""District > street > community > estate > building; rooms, atoms, and who occupies them when."""
