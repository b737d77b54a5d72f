"""Records of the same work from several sources into one document; versions and copies into clusters."""
