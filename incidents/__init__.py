"""The rules: plain functions on rows. No Telegram, no network, no learning, no clock of their own."""
