"""Errors of the read side."""


class ProjectionError(Exception):
    """Root of the errors of the read side."""


class StaleSaveError(ProjectionError):
    """Another follower saved, or the views were cleared, since this one read: nothing was saved."""


class DamagedDocumentError(ProjectionError):
    """A stored document cannot be read; rebuilding the read model makes it anew."""
