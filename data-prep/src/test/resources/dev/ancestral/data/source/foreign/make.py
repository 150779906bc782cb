"""Makes the files of other programs beside this one, which the tests of the readers keep.

Needs Pillow, numpy and pyarrow (made with 13.0.0, 2.4.6 and 26.0.1). Beside each picture NAME.png
or NAME.jpg stands NAME.values: height, width and channels as bytes, then the values that are right.
"""

import datetime
import decimal
import struct
import zlib

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image, ImageCms, ImageOps

random = np.random.default_rng(15)


def values(name, array):
    array = np.asarray(array, np.uint8)
    if array.ndim == 2:
        array = array[:, :, None]
    with open(name + ".values", "wb") as out:
        out.write(bytes(array.shape) + array.tobytes())


def smooth(height, width, channels):
    """Slow waves, which JPEG keeps."""
    y, x = np.mgrid[0:height, 0:width]
    planes = [127 + 100 * np.sin(0.2 * (c + 1) * x + 0.15 * y + c) for c in range(channels)]
    return np.round(np.stack(planes, 2)).astype(np.uint8)


def jpeg(name, image, **options):
    image.save(name + ".jpg", quality=95, **options)
    back = Image.open(name + ".jpg")
    values(name, back if back.mode == "L" else back.convert("RGB"))


# JPEG: gray, colour with and without subsampling, progressive, inks, RGB that is stored as RGB.
rgb = Image.fromarray(smooth(24, 17, 3))
jpeg("gray", Image.fromarray(smooth(24, 17, 1)[:, :, 0]))
jpeg("colour", rgb, subsampling=0)
jpeg("subsampled", rgb, subsampling=2, progressive=True)
jpeg("rgb", rgb, keep_rgb=True, subsampling=0)
cmyk = np.zeros((8, 8, 4), np.uint8)
cmyk[:, :, :3] = 127
jpeg("cmyk", Image.fromarray(cmyk, "CMYK"))
jpeg("inks", Image.fromarray(smooth(16, 16, 4), "CMYK"))

# A profile that swaps red and blue would show at once if one were applied.
lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
swapped = lab.replace(b"rXYZ", b"tXYZ").replace(b"bXYZ", b"rXYZ").replace(b"tXYZ", b"bXYZ")
jpeg("profile", rgb, subsampling=0, icc_profile=swapped)
rgb.save("profile.png", icc_profile=swapped)

# Exif's orientations: values are those of the upright picture.
upright = smooth(8, 16, 3)
turned = {
    2: upright[:, ::-1],
    3: upright[::-1, ::-1],
    4: upright[::-1],
    5: upright.transpose(1, 0, 2),
    6: upright[::-1].transpose(1, 0, 2)[::-1, ::-1],
    7: upright[::-1, ::-1].transpose(1, 0, 2),
    8: upright[:, ::-1].transpose(1, 0, 2)[::-1, ::-1],
}
for orientation, stored in turned.items():
    exif = Image.Exif()
    exif[0x0112] = orientation
    name = f"orientation{orientation}"
    Image.fromarray(np.ascontiguousarray(stored)).save(name + ".png", exif=exif)
    values(name, ImageOps.exif_transpose(Image.open(name + ".png")))
exif = Image.Exif()
exif[0x0112] = 6
rgb.save("turned.jpg", quality=95, subsampling=0, exif=exif)
values("turned", ImageOps.exif_transpose(Image.open("turned.jpg")).convert("RGB"))


def png(name, array, colour, depth):
    """A PNG of samples as they are, each row without a filter."""
    height, width = array.shape[:2]
    rows = array.astype(">u2" if depth == 16 else "u1").reshape(height, -1)
    data = b"".join(b"\0" + row.tobytes() for row in rows)

    def chunk(kind, content):
        body = kind + content
        return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    with open(name + ".png", "wb") as out:
        out.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header))
        out.write(chunk(b"gAMA", struct.pack(">I", 100000)))
        out.write(chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b""))


deep = random.integers(0, 65536, (5, 7, 4))
deep[0, :3, :] = np.array([128, 129, 65535])[:, None]
eight = np.floor(deep / 257 + 0.5)
for name, colour, take in [
    ("gray16", 0, [0]), ("grayAlpha16", 4, [0, 3]), ("rgb16", 2, [0, 1, 2]), ("rgba16", 6, [0, 1, 2, 3])
]:
    png(name, deep[:, :, take], colour, 16)
    values(name, eight[:, :, [c for c in take if c != 3]])

# Palettes and few bits.
levels = random.integers(0, 4, (5, 8))
Image.fromarray((levels % 2 * 255).astype(np.uint8)).convert("1").save("bit.png")
values("bit", levels % 2 * 255)
packed = Image.fromarray(levels.astype(np.uint8), "P")
packed.putpalette([10, 10, 10, 90, 90, 90, 200, 200, 200, 255, 255, 255])
packed.save("grayPalette.png", bits=2)
values("grayPalette", np.array([10, 90, 200, 255])[levels])
packed.putpalette([10, 20, 30, 90, 90, 90, 200, 0, 200, 255, 255, 254])
packed.save("palette.png", bits=2)
table = np.array([[10, 20, 30], [90, 90, 90], [200, 0, 200], [255, 255, 254]])
values("palette", table[levels])


def parquet(name, columns, **options):
    pq.write_table(pa.table(columns), name + ".parquet", **options)


parquet("whole", {"a": pa.array([1, 2], pa.int64()), "b": pa.array([3, 4], pa.int32())})
parquet("real", {"b": pa.array([0.5, 3.0], pa.float32()), "a": pa.array([-1.5, 2.5], pa.float64())})
plain = {"use_dictionary": False, "compression": "none"}
split = {"x": "BYTE_STREAM_SPLIT"}
parquet("splitReal", {"x": pa.array([0.5, 3.0, -2.0], pa.float32())}, column_encoding=split, **plain)
parquet("splitWhole", {"x": pa.array([5, 3, 2], pa.int32())}, column_encoding=split, **plain)
parquet("names", {"a": [1.5], "A": [2.5], "b`c": [3.5], "d.e": [4.5]})
day = pa.array([datetime.date(2024, 1, 1)])
vector = pa.array([{"x": 1.0, "y": 2.0}])
parquet("mixed", {"id": [7], "text": ["t"], "day": day, "vector": vector, "x": [2.5]})
parquet(
    "types",
    {
        "int8": pa.array([-8, None], pa.int8()),
        "uint8": pa.array([200, None], pa.uint8()),
        "uint32": pa.array([4294967040, None], pa.uint32()),
        "uint64": pa.array([18446742974197923840, None], pa.uint64()),
        "bool": pa.array([True, None], pa.bool_()),
        "float": pa.array([0.25, None], pa.float32()),
        "double": pa.array([-0.125, float("nan")], pa.float64()),
        "small": pa.array([decimal.Decimal("-1.25"), None], pa.decimal128(5, 2)),
        "large": pa.array([decimal.Decimal("3.5"), None], pa.decimal128(30, 10)),
        "list": pa.array([[1.5, 2.5], [None, 3.5]], pa.list_(pa.float32())),
        "pair": pa.array([[5, 6], [7, None]], pa.list_(pa.int16(), 2)),
    },
    version="2.6",
)
# The columns of a shard of a dataset, as the documentation has them.
shard = {
    "id": pa.array([0, 1, 2], pa.int64()),
    "payload": pa.array([b"\0\1", b"\1\1", b"\2\0"], pa.binary()),
    "label": pa.array([1, 0, 1], pa.int32()),
}
parquet("shard", shard)
shard["label"] = pa.array([1, None, 1], pa.int32())
parquet("shardWithout", shard)
