"""The program: starts, schedules, receives, delivers, publishes."""
