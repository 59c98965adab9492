"""Text to kind, topic, place and confidence. Importing this costs no scikit-learn."""

from classifier.forms import WordForms
from classifier.opening import open_classifier

__all__ = ["WordForms", "open_classifier"]
