"""Text to kind, topic, place and confidence. Importing this costs no scikit-learn."""

from classifier.opening import open_classifier

__all__ = ["open_classifier"]
