// The backend exports one function, cajal_torch_slots; nothing here is for import.
