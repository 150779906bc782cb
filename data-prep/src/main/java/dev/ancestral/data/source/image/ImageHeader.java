package dev.ancestral.data.source.image;

import static java.nio.ByteOrder.BIG_ENDIAN;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;

/**
 * What a PNG or JPEG file says about its picture before and around the pixels; checks on the way
 * that the file is there to its end.
 *
 * @param png whether it is PNG; else JPEG
 * @param samples what its samples are
 * @param orientation from 1 to 8, as Exif numbers them: 1 is upright
 */
record ImageHeader(boolean png, Samples samples, int orientation) {
  private static final long PNG = 0x89504E470D0A1A0AL;
  private static final int JPEG = 0xFFD8FF;
  // A chunk has a length, a type and a checksum beside its data.
  private static final int CHUNK_FRAME = 12;
  private static final byte[] EXIF = "Exif\0\0".getBytes(US_ASCII);
  private static final byte[] ADOBE = "Adobe".getBytes(US_ASCII);
  private static final byte[] JFIF = "JFIF\0".getBytes(US_ASCII);

  /** What the samples of a pixel stand for. */
  enum Samples {
    GRAY,
    RGB,
    YCBCR,
    /** Inks, stored as 255 less their amount. */
    CMYK,
    /** The same, with the first three as YCbCr. */
    YCCK
  }

  boolean isGray() {
    return samples == Samples.GRAY;
  }

  /**
   * The header of a file.
   *
   * @throws IOException if it is neither PNG nor JPEG, or ends before the picture does
   */
  static ImageHeader of(byte[] content) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(content);
    if (content.length >= Long.BYTES && in.getLong(0) == PNG) {
      return png(in, content);
    }
    if (content.length >= Integer.BYTES && in.getInt(0) >>> 8 == JPEG) {
      return new JpegSegments(in).header();
    }
    throw new IOException("it is neither PNG nor JPEG");
  }

  private static ImageHeader png(ByteBuffer in, byte[] content) throws IOException {
    Samples samples = null;
    boolean palette = false;
    int orientation = 1;
    for (int at = Long.BYTES; ; ) {
      if (in.limit() - at < CHUNK_FRAME) {
        throw new IOException("it ends at byte " + in.limit() + ", before its part IEND");
      }
      long length = in.getInt(at) & 0xFFFFFFFFL;
      // The decoder believes the length of a chunk and allocates it.
      if (length > in.limit() - at - CHUNK_FRAME) {
        throw new IOException(
            "its part at byte "
                + at
                + " claims "
                + length
                + " bytes, of which "
                + (in.limit() - at - CHUNK_FRAME)
                + " are there");
      }
      ByteBuffer data = in.slice(at + 8, (int) length);
      String type = new String(content, at + 4, 4, US_ASCII);
      requireChecksum(in, content, at, (int) length);
      switch (type) {
        case "IHDR" -> {
          int colours = length < 10 ? 0 : data.get(9);
          samples = colours == 0 || colours == 4 ? Samples.GRAY : Samples.RGB;
          palette = colours == 3;
        }
        case "PLTE" -> samples = palette && isGray(data) ? Samples.GRAY : samples;
        case "eXIf" -> orientation = orientation(data);
        case "IEND" -> {
          if (samples == null) {
            throw new IOException("it has no part IHDR");
          }
          return new ImageHeader(true, samples, orientation);
        }
        default -> {
          // Nothing else changes what a sample is.
        }
      }
      at += CHUNK_FRAME + (int) length;
    }
  }

  /** Java's decoder ignores the checksums; those of parts without which there is no picture. */
  private static void requireChecksum(ByteBuffer in, byte[] content, int at, int length)
      throws IOException {
    boolean critical = Character.isUpperCase(in.get(at + 4));
    CRC32 checksum = new CRC32();
    if (critical) {
      checksum.update(content, at + 4, length + 4);
    }
    if (critical && (int) checksum.getValue() != in.getInt(at + 8 + length)) {
      throw new IOException("its part at byte " + at + " does not have the checksum it says");
    }
  }

  private static boolean isGray(ByteBuffer palette) {
    for (int i = 0; i + 2 < palette.limit(); i += 3) {
      if (palette.get(i) != palette.get(i + 1) || palette.get(i) != palette.get(i + 2)) {
        return false;
      }
    }
    return true;
  }

  /** The orientation in a block of Exif, 1 if it has none. */
  private static int orientation(ByteBuffer tiff) {
    if (tiff.limit() < 8) {
      return 1;
    }
    boolean little = tiff.getShort(0) == 0x4949;
    ByteBuffer in = tiff.slice().order(little ? LITTLE_ENDIAN : BIG_ENDIAN);
    long directory = in.getInt(4) & 0xFFFFFFFFL;
    if (directory + 2 > in.limit()) {
      return 1;
    }
    int entries = in.getShort((int) directory) & 0xFFFF;
    for (int e = 0; e < entries && directory + 2 + 12L * (e + 1) <= in.limit(); e++) {
      int at = (int) directory + 2 + 12 * e;
      if (in.getShort(at) == 0x0112) {
        int orientation = in.getShort(at + 8);
        return orientation >= 1 && orientation <= 8 ? orientation : 1;
      }
    }
    return 1;
  }

  /** Goes from marker to marker of a JPEG file. */
  private static final class JpegSegments {
    private final ByteBuffer in;
    private int at = 2;
    private int orientation = 1;
    private boolean jfif;
    private int adobe = -1;
    private int[] components;

    JpegSegments(ByteBuffer in) {
      this.in = in;
    }

    ImageHeader header() throws IOException {
      for (int marker = marker(); marker != 0xD9; marker = marker()) {
        if (marker == 0x01 || (marker >= 0xD0 && marker <= 0xD7)) {
          continue; // Without a length.
        }
        int length = in.limit() - at < 2 ? 0 : in.getShort(at) & 0xFFFF;
        if (length < 2 || length > in.limit() - at) {
          throw cut();
        }
        segment(marker, in.slice(at + 2, length - 2));
        at += length;
      }
      if (components == null) {
        throw new IOException("it has no picture before its end marker");
      }
      return new ImageHeader(false, samples(), orientation);
    }

    /** The next marker; the compressed data of a scan before it are passed over. */
    private int marker() throws IOException {
      while (in.limit() - at >= 2) {
        int second = in.get(at + 1) & 0xFF;
        if ((in.get(at) & 0xFF) == 0xFF && second != 0 && second != 0xFF) {
          at += 2;
          return second;
        }
        at++;
      }
      throw cut();
    }

    private IOException cut() {
      return new IOException("it ends at byte " + in.limit() + ", before its end marker");
    }

    private void segment(int marker, ByteBuffer data) {
      boolean frame =
          marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
      if (marker == 0xE0 && begins(data, JFIF)) {
        jfif = true;
      } else if (marker == 0xE1 && begins(data, EXIF)) {
        orientation = orientation(data.slice(EXIF.length, data.limit() - EXIF.length));
      } else if (marker == 0xEE && begins(data, ADOBE) && data.limit() >= 12) {
        adobe = data.get(11);
      } else if (frame && components == null && data.limit() >= 6) {
        components = new int[Math.min(data.get(5) & 0xFF, (data.limit() - 6) / 3)];
        for (int c = 0; c < components.length; c++) {
          components[c] = data.get(6 + 3 * c) & 0xFF;
        }
      }
    }

    private static boolean begins(ByteBuffer data, byte[] with) {
      return data.limit() >= with.length
          && data.slice(0, with.length).equals(ByteBuffer.wrap(with));
    }

    private Samples samples() throws IOException {
      return switch (components.length) {
        case 1 -> Samples.GRAY;
        case 3 -> {
          boolean named = components[0] == 'R' && components[1] == 'G' && components[2] == 'B';
          boolean rgb = !jfif && (adobe == 0 || (adobe < 0 && named));
          yield rgb ? Samples.RGB : Samples.YCBCR;
        }
        case 4 -> adobe == 2 ? Samples.YCCK : Samples.CMYK;
        default ->
            throw new IOException(
                "it has " + components.length + " components; 1, 3 or 4 are known");
      };
    }
  }
}
