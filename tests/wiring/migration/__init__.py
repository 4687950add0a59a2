"""An embedded installation becomes one on servers."""
