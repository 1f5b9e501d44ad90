"""District > street > community > estate > building; rooms, their atoms, and who occupies them when."""
