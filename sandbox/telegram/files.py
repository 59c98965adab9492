"""Files that went through the chats.

Source: https://core.telegram.org/bots/api#file, #sending-files
"""

import base64
import hashlib
import struct

from sandbox.telegram import errors
from sandbox.telegram.args import Args, Upload
from sandbox.telegram.state import Json, StoredFile

MAX_UPLOAD = 50 * 1024 * 1024
MAX_PHOTO = 10 * 1024 * 1024
MAX_DOWNLOAD = 20 * 1024 * 1024
_FOLDERS = {"photo": "photos", "document": "documents", "voice": "voice", "sticker": "stickers"}
_EXTENSIONS = {"photo": "jpg", "document": "bin", "voice": "oga", "sticker": "webp"}
_THUMBNAIL = 90
_PNG = b"\x89PNG\r\n\x1a\n"


def _token(*parts: object, size: int) -> str:
    digest = hashlib.sha256("\0".join(map(str, parts)).encode()).digest()
    return base64.urlsafe_b64encode(digest).decode()[:size]


def dimensions(data: bytes) -> tuple[int, int]:
    """Width and height of a PNG or JPEG; 800 by 600 for anything else."""
    if data.startswith(_PNG) and len(data) >= 24:  # noqa: PLR2004 - IHDR ends there
        width, height = struct.unpack(">II", data[16:24])
        return int(width), int(height)
    at = 2
    while data.startswith(b"\xff\xd8") and at + 9 < len(data) and data[at] == 0xFF:  # noqa: PLR2004 - marker
        marker, size = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if marker in {0xC0, 0xC1, 0xC2}:
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return int(width), int(height)
        at += 2 + size
    return 800, 600


class FileStore:
    def __init__(self) -> None:
        self.by_id: dict[str, StoredFile] = {}
        self.by_path: dict[str, StoredFile] = {}

    def add(
        self, kind: str, data: bytes, *, name: str | None = None, mime_type: str | None = None
    ) -> StoredFile:
        """Keep a file; a photo gets its size from its bytes."""
        number = len(self.by_id) + 1
        extension = name.rsplit(".", 1)[-1] if name and "." in name else _EXTENSIONS[kind]
        width, height = dimensions(data) if kind == "photo" else (512, 512)
        stored = StoredFile(
            file_id="Ag" + _token("file", kind, number, size=40),
            unique_id="AQ" + _token("unique", hashlib.sha256(data).hexdigest(), kind, size=12),
            path=f"{_FOLDERS[kind]}/file_{number}.{extension}",
            data=data,
            name=name,
            mime_type=mime_type,
            kind=kind,
            width=width,
            height=height,
        )
        self.by_id[stored.file_id] = stored
        self.by_path[stored.path] = stored
        return stored

    def taken(self, args: Args, name: str, kind: str) -> StoredFile:
        """The file a send method means: an upload, a file_id, or an address (never reachable here).

        Raises:
            ApiError: there is none, it is too big, or the id is unknown.
        """
        return self.resolve(args.upload(name), args.text(name), kind)

    def resolve(self, upload: Upload | None, value: str, kind: str) -> StoredFile:
        if upload is not None:
            if not upload.data:
                raise errors.FILE_EMPTY.error()
            if len(upload.data) > (MAX_PHOTO if kind == "photo" else MAX_UPLOAD):
                raise errors.UPLOAD_TOO_BIG.error()
            return self.add(kind, upload.data, name=upload.name, mime_type=upload.mime_type)
        if not value:
            raise errors.FILE_MISSING.error(kind)
        if value.startswith(("http://", "https://")):
            raise errors.FILE_UNREACHABLE.error()
        stored = self.by_id.get(value)
        if stored is None:
            raise errors.FILE_UNKNOWN.error()
        return stored

    def photo(self, stored: StoredFile) -> list[Json]:
        """PhotoSize list: a thumbnail and the picture itself, the bytes being the same here."""
        scale = min(1.0, _THUMBNAIL / max(stored.width, stored.height, 1))
        small_id = stored.file_id + "s"
        if small_id not in self.by_id:
            self.by_id[small_id] = stored
        small = {
            **stored.api(),
            "file_id": small_id,
            "file_unique_id": stored.unique_id + "s",
            "width": max(1, round(stored.width * scale)),
            "height": max(1, round(stored.height * scale)),
        }
        return [small, {**stored.api(), "width": stored.width, "height": stored.height}]

    def body(self, kind: str, stored: StoredFile) -> Json:
        """The field of a Message that carries the file."""
        if kind == "photo":
            return {"photo": self.photo(stored)}
        shape: Json = stored.api()
        if kind == "voice":
            shape |= {"duration": 1, "mime_type": stored.mime_type or "audio/ogg"}
        elif kind == "sticker":
            size = {"width": 512, "height": 512}
            shape |= {"type": "regular", **size, "is_animated": False, "is_video": False, "emoji": "🙂"}
        else:
            shape |= {"file_name": stored.name or "file.bin"}
            shape |= {"mime_type": stored.mime_type or "application/octet-stream"}
        return {kind: shape}

    def download(self, file_id: str) -> Json:
        """What getFile answers.

        Raises:
            ApiError: no id, an unknown one, or more than 20 MB.
        """
        if not file_id:
            raise errors.FILE_ID_EMPTY.error()
        stored = self.by_id.get(file_id)
        if stored is None:
            raise errors.FILE_WRONG.error()
        if len(stored.data) > MAX_DOWNLOAD:
            raise errors.FILE_TOO_BIG.error()
        return {**stored.api(), "file_id": file_id, "file_path": stored.path}
