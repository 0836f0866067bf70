// The backend exports one function, cajal_mpi_slots; nothing here is for import.
