"""Records by OAI-PMH, resumable and incremental, from services that ask for patience."""
