"""Re-encode a photo: `decode_photo.py SOURCE PHOTO THUMB SIDE THUMB_SIDE PIXELS JPEG_PIXELS`.

Runs confined (see confined.py) and imports nothing of the project. Prints JSON: the width and height of
what was written, or {"refused": code}. What is written is a new picture: upright, in sRGB, on white, without
EXIF, place or comments.
"""

import io
import json
import sys
import warnings
from pathlib import Path

from PIL import Image, ImageCms, ImageOps

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
MAX_SIDE = 30_000


def in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Return the picture in sRGB; phones save wider colours with a profile that is not kept."""
    if not profile or image.mode != "RGB":
        return image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        return ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB")) or image
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image  # a broken profile spoils colours only slightly


def on_white(image: Image.Image) -> Image.Image:
    """Return the picture without transparency, as plain RGB."""
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        layer = image.convert("RGBA")
        ground = Image.new("RGB", layer.size, "white")
        ground.paste(layer, mask=layer.getchannel("A"))
        return ground
    return image.convert("RGB")


def decode(source: str, side: int, pixels: int, jpeg_pixels: int) -> Image.Image | str:
    """Return the upright picture of at most `side` pixels, or the code of why not."""
    with Image.open(source, formats=FORMATS) as image:
        width, height = image.size
        # JPEG decodes at a fraction of its size (draft), so that more pixels are bearable.
        most = jpeg_pixels if image.format in ("JPEG", "MPO") else pixels
        if width * height > most or max(width, height) > MAX_SIDE:
            return "photo_too_many_pixels"
        profile = image.info.get("icc_profile")
        image.draft("RGB", (side, side))
        image.load()
        upright = ImageOps.exif_transpose(image)
    picture = in_srgb(on_white(upright), profile)
    picture.thumbnail((side, side), Image.Resampling.LANCZOS)
    picture.info.clear()
    return picture


def save(picture: Image.Image, path: str) -> None:
    """Write the picture as JPEG."""
    picture.save(path, "JPEG", quality=82, optimize=True, progressive=True)


def main() -> dict[str, object]:
    """Do what the arguments say and return the answer."""
    source, photo, thumb = sys.argv[1:4]
    side, thumb_side, pixels, jpeg_pixels = map(int, sys.argv[4:8])
    Image.MAX_IMAGE_PIXELS = None  # checked here, by format
    warnings.simplefilter("ignore")
    try:
        picture = decode(source, side, pixels, jpeg_pixels)
        if isinstance(picture, str):
            return {"refused": picture}
        save(picture, photo)
        width, height = picture.size
        picture.thumbnail((thumb_side, thumb_side), Image.Resampling.LANCZOS)
        save(picture, thumb)
    except MemoryError:
        return {"refused": "photo_too_many_pixels"}
    except Exception:
        for path in (photo, thumb):
            Path(path).unlink(missing_ok=True)
        return {"refused": "photo_unreadable"}
    return {"width": width, "height": height}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main()))
