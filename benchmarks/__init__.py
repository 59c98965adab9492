"""Measurements that compare in one run against a limit or a peer, and print ratios. Nothing here is a test."""
