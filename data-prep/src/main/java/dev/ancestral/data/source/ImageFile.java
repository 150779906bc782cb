package dev.ancestral.data.source;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * The bytes of a PNG or JPEG file that is not trusted: it is told by its first bytes, so that no
 * other decoder is ever reached, and what it claims is held against what is there before anything
 * is allocated.
 */
final class ImageFile {
  /** Most pixels of an image, those of a square of 5,792. */
  static final int MOST_PIXELS = 1 << 25;

  private static final long PNG = 0x89504E470D0A1A0AL;
  private static final int JPEG = 0xFFD8FF;
  // A chunk has a length, a type and a checksum beside its data.
  private static final int CHUNK_FRAME = 12;
  // Deflate packs 1032 bytes into one at best, and a byte of PNG holds up to 8 pixels.
  private static final long PIXELS_OF_A_BYTE = 8 * 1032;

  private ImageFile() {}

  /**
   * The picture.
   *
   * @throws IOException if it is neither PNG nor JPEG, is damaged, or claims to be larger than it
   *     can be; decoders throw exceptions of other kinds as well
   */
  static BufferedImage decode(byte[] content) throws IOException {
    ImageReader reader = reader(content);
    // A plain stream would be copied to a temporary file first.
    try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(content))) {
      // Metadata are not read: their packed texts may be of any size.
      reader.setInput(in, true, true);
      long pixels = (long) reader.getWidth(0) * reader.getHeight(0);
      if (pixels > MOST_PIXELS || pixels > PIXELS_OF_A_BYTE * content.length) {
        throw new IOException(
            "it claims "
                + reader.getHeight(0)
                + "×"
                + reader.getWidth(0)
                + " pixels; at most "
                + Math.min(MOST_PIXELS, PIXELS_OF_A_BYTE * content.length)
                + " can be in a file of this size");
      }
      return reader.read(0);
    } finally {
      reader.dispose();
    }
  }

  private static ImageReader reader(byte[] content) throws IOException {
    String format = "";
    if (content.length >= Long.BYTES && ByteBuffer.wrap(content).getLong() == PNG) {
      checkChunks(content);
      format = "png";
    } else if (content.length >= Integer.BYTES && ByteBuffer.wrap(content).getInt() >>> 8 == JPEG) {
      format = "jpeg";
    }
    Iterator<ImageReader> readers = ImageIO.getImageReadersByFormatName(format);
    if (format.isEmpty() || !readers.hasNext()) {
      throw new IOException("it is neither PNG nor JPEG");
    }
    return readers.next();
  }

  /** The decoder believes the length of a chunk and allocates it. */
  private static void checkChunks(byte[] content) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(content);
    int at = Long.BYTES;
    while (at + CHUNK_FRAME <= content.length) {
      long length = in.getInt(at) & 0xFFFFFFFFL;
      if (length > content.length - at - CHUNK_FRAME) {
        throw new IOException(
            "its part at byte "
                + at
                + " claims "
                + length
                + " bytes, of which "
                + (content.length - at - CHUNK_FRAME)
                + " are there");
      }
      at += CHUNK_FRAME + (int) length;
    }
  }
}
