"""Turn plans into files: texts, their verification, and the folder they are written to."""
