"""A Telegram and the networks that run here, over real HTTP."""
