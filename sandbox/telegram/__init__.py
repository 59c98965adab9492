"""A stateful Telegram Bot API server with people in it, over real HTTP.

Source of the rules: https://core.telegram.org/bots/api and the texts of github.com/tdlib/telegram-bot-api.
"""
