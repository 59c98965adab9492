"""The sandbox's page in the browser: phones side by side, and the network beside them."""
