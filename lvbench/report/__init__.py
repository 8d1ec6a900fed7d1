"""Reports: one Table and one Figure model, several outputs."""
