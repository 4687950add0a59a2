"""An image as an address: its own, or one that holds its bytes."""

import base64

from domain.errors import InvalidInput
from domain.prompt import Image


def address(image: Image) -> str:
    if image.url:
        return image.url
    if not image.data or not image.media_type:
        raise InvalidInput(
            "An image has neither an address nor bytes with their media type. Give one of them.",
            field="images",
        )
    return f"data:{image.media_type};base64,{base64.b64encode(image.data).decode()}"
