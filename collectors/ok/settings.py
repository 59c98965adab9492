"""The Odnoklassniki section of config.toml."""

from pydantic import Field, SecretStr

from collectors.contract import NetworkSettings

TOPIC_FIELDS = (
    "media_topic.ID,media_topic.OWNER_REF,media_topic.AUTHOR_REF,media_topic.CREATED_MS,media_topic.MEDIA,"
    "media_topic.DISCUSSION_SUMMARY,user.UID,user.NAME,group.UID,group.NAME,"
    "group_photo.ID,group_photo.PIC1024MAX,user_photo.ID,user_photo.PIC1024MAX"
)
COMMENT_FIELDS = (
    "comment.ID,comment.TEXT,comment.DATE,comment.AUTHOR_ID,comment.AUTHOR_NAME,comment.AUTHOR_REF,"
    "comment.REPLY_TO_ID,comment.REPLY_TO_NAME,comment.REPLY_TO_COMMENT_ID,comment.TYPE"
)


class OkSettings(NetworkSettings, frozen=True):
    """`[collectors.ok]`. The keys arrive already read: `*_file` is the business of bot/settings.py.

    OK publishes no figure of calls a second and refuses a whole call for one field name it does not know; the
    lists of fields are settings for that reason.
    """

    enabled: bool = Field(default=False, description="Read Odnoklassniki at all.")
    api_url: str = Field(default="https://api.ok.ru/fb.do", description="Where the API is.")
    application_key: str = Field(default="", description="Public key of the application (application_key).")
    application_secret: SecretStr | None = Field(
        default=None, description="Secret key of the application; needed when there is no `session_secret`."
    )
    application_secret_file: str = Field(default="", description="File that holds the application's secret.")
    access_token: SecretStr | None = Field(
        default=None, description="Token of a user who administers the groups («вечный access_token»)."
    )
    access_token_file: str = Field(default="", description="File that holds the token.")
    session_secret: SecretStr | None = Field(
        default=None, description="Session secret given together with the token (session_secret_key)."
    )
    session_secret_file: str = Field(default="", description="File that holds the session secret.")
    answers: bool = Field(
        default=False,
        description="Publish answers (addDiscussionComment as_admin). Its page has left OK's documentation: "
        "try it once by hand before switching it on.",
    )
    every_seconds: int = Field(
        default=60, gt=0, description="Seconds between two readings of the discussions."
    )
    search_every_seconds: int = Field(
        default=600, gt=0, description="Seconds between two searches for the same hashtag."
    )
    reread_seconds: int = Field(
        default=3600, gt=0, description="Seconds between complete re-readings, which find edited messages."
    )
    calls_per_second: float = Field(default=1, gt=0, le=60, description="Calls a second, all together.")
    timeout_seconds: float = Field(
        default=30, gt=0, description="Longest wait for one answer of OK, seconds."
    )
    discussions_per_page: int = Field(default=100, ge=1, le=100, description="Discussions asked for at once.")
    topics_at_once: int = Field(
        default=100, ge=1, le=100, description="Topics whose text is asked for at once."
    )
    comments_per_page: int = Field(default=100, ge=1, le=100, description="Comments asked for at once.")
    found_per_page: int = Field(default=100, ge=1, le=100, description="Found topics asked for at once.")
    most_pages: int = Field(
        default=100,
        ge=1,
        description="Pages of one list, or of one topic's comments, read in one go at most.",
    )
    text_limit: int = Field(default=3000, ge=1, description="Longest answer, characters.")
    comments_of_days: float = Field(
        default=7, gt=0, description="Comments are read again under topics not older than this, days."
    )
    first_hours: float = Field(
        default=24, ge=0, description="The first reading ever takes messages not older than this, hours."
    )
    overlap_seconds: int = Field(
        default=600, ge=0, description="Each reading repeats this much of the previous one, seconds."
    )
    topic_fields: str = Field(default=TOPIC_FIELDS, description="Fields asked of topics.")
    comment_fields: str = Field(default=COMMENT_FIELDS, description="Fields asked of comments.")
    proxy: str = Field(
        default="", description="Proxy for this network (http://, https://, socks5://); empty: none."
    )
