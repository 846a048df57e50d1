"""What is read: pure folds over the events, and the followers that keep their tables."""
