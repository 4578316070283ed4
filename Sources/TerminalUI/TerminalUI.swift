// Laid down first; filled by what follows.
