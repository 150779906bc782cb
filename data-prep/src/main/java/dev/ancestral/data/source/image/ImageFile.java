package dev.ancestral.data.source.image;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * The bytes of a PNG or JPEG file that is not trusted: it is told by its first bytes, so that no
 * other decoder is ever reached, and what it claims is held against what is there before anything
 * is allocated.
 *
 * <p>One rule of colour for all files: samples are what the file stores, taken as sRGB. No colour
 * profile, gamma or chromaticity is applied; samples of 16 bits are divided by 257 and rounded, and
 * those of fewer than 8 bits spread over 0 to 255; YCbCr becomes RGB by the formula of JFIF, and
 * inks become light by (255 − ink) (255 − black) / 255. Transparency is dropped. The orientation
 * that Exif gives is applied.
 */
final class ImageFile {
  /** Most pixels of an image, those of a square of 5,792. */
  static final int MOST_PIXELS = 1 << 25;

  // Deflate packs 1032 bytes into one at best, and a byte of PNG holds up to 8 pixels.
  private static final long PIXELS_OF_A_BYTE = 8 * 1032;

  // A pixel takes up to 8 bytes while it is decoded: larger pictures must have more in them.
  private static final long PIXELS_OF_ANY_FILE = 1 << 23;
  private static final long PIXELS_OF_A_BYTE_MORE = 64;

  private ImageFile() {}

  /**
   * The picture.
   *
   * @throws IOException if it is neither PNG nor JPEG, is damaged, or claims to be larger than it
   *     can be; decoders throw exceptions of other kinds as well
   */
  static Picture decode(byte[] content) throws IOException {
    ImageHeader header = ImageHeader.of(content);
    ImageReader reader = ImageIO.getImageReadersByFormatName(header.png() ? "png" : "jpeg").next();
    List<String> warnings = new ArrayList<>();
    reader.addIIOReadWarningListener((source, warning) -> warnings.add(warning));
    // A plain stream would be copied to a temporary file first.
    try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(content))) {
      // Metadata are not read: their packed texts may be of any size.
      reader.setInput(in, true, true);
      long pixels = (long) reader.getWidth(0) * reader.getHeight(0);
      long most = mostPixels(content.length);
      if (pixels > most) {
        throw new IOException(
            "it claims "
                + reader.getHeight(0)
                + "×"
                + reader.getWidth(0)
                + " pixels; at most "
                + most
                + " can be in a file of this size");
      }
      Picture stored = header.png() ? png(reader, header) : jpeg(reader, header);
      refuseDamaged(warnings);
      return stored.upright(header.orientation());
    } finally {
      reader.dispose();
    }
  }

  private static long mostPixels(long bytes) {
    return Math.min(
        Math.min(MOST_PIXELS, PIXELS_OF_A_BYTE * bytes),
        PIXELS_OF_ANY_FILE + PIXELS_OF_A_BYTE_MORE * bytes);
  }

  /** Where data are damaged, the decoder of JPEG fills the rest with gray and merely warns. */
  private static void refuseDamaged(List<String> warnings) throws IOException {
    for (String warning : warnings) {
      String lower = warning.toLowerCase(Locale.ROOT);
      boolean damaged =
          lower.contains("corrupt") || lower.contains("premature") || lower.contains("truncated");
      // Bytes too many between two markers are skipped without loss.
      if (damaged && !lower.contains("extraneous")) {
        throw new IOException("the decoder warns: " + warning);
      }
    }
  }

  private static Picture png(ImageReader reader, ImageHeader header) throws IOException {
    BufferedImage image = reader.read(0);
    Raster raster = image.getRaster();
    int channels = header.isGray() ? 1 : 3;
    int width = image.getWidth();
    byte[] values = new byte[width * image.getHeight() * channels];
    int[] row = null;
    for (int channel = 0; channel < channels; channel++) {
      int at = channel;
      for (int y = 0; y < image.getHeight(); y++) {
        if (image.getColorModel() instanceof IndexColorModel palette) {
          row = raster.getSamples(0, y, width, 1, 0, row);
          for (int x = 0; x < width; x++, at += channels) {
            values[at] = (byte) (palette.getRGB(row[x]) >> (16 - 8 * channel));
          }
        } else {
          row = raster.getSamples(0, y, width, 1, channel, row);
          int bits = raster.getSampleModel().getSampleSize(channel);
          for (int x = 0; x < width; x++, at += channels) {
            values[at] = (byte) level(row[x], bits);
          }
        }
      }
    }
    return new Picture(image.getHeight(), width, channels, values);
  }

  /** A sample of so many bits as one of 8. */
  private static int level(int sample, int bits) {
    int largest = (1 << bits) - 1;
    return (sample * 255 + largest / 2) / largest;
  }

  private static Picture jpeg(ImageReader reader, ImageHeader header) throws IOException {
    // As a raster, its samples come as they are stored: no profile is applied.
    Raster raster = reader.readRaster(0, null);
    int bands = raster.getNumBands();
    int channels = header.isGray() ? 1 : 3;
    int width = raster.getWidth();
    byte[] values = new byte[width * raster.getHeight() * channels];
    int[] pixels = null;
    int[] rgb = new int[3];
    int at = 0;
    for (int y = 0; y < raster.getHeight(); y++) {
      pixels = raster.getPixels(0, y, width, 1, pixels);
      for (int x = 0; x < width; x++) {
        int from = x * bands;
        if (channels == 1) {
          values[at++] = (byte) pixels[from];
          continue;
        }
        boolean luminance =
            header.samples() == ImageHeader.Samples.YCBCR
                || header.samples() == ImageHeader.Samples.YCCK;
        if (luminance) {
          rgb(pixels[from], pixels[from + 1] - 128, pixels[from + 2] - 128, rgb);
        } else {
          System.arraycopy(pixels, from, rgb, 0, 3);
        }
        for (int value : rgb) {
          values[at++] = (byte) (bands == 4 ? light(header, value, pixels[from + 3]) : value);
        }
      }
    }
    return new Picture(raster.getHeight(), width, channels, values);
  }

  /**
   * Light through an ink and black, of which the file stores 255 less the amount; where it stores
   * YCbCr, that stands for the amount.
   */
  private static int light(ImageHeader header, int stored, int storedBlack) {
    int through = header.samples() == ImageHeader.Samples.YCCK ? 255 - stored : stored;
    return (through * storedBlack + 127) / 255;
  }

  /** JFIF's formula with 16 bits behind the point, as libjpeg rounds it. */
  private static void rgb(int y, int cb, int cr, int[] into) {
    into[0] = clamped(y + ((91881 * cr + 32768) >> 16));
    into[1] = clamped(y + ((-22554 * cb - 46802 * cr + 32768) >> 16));
    into[2] = clamped(y + ((116130 * cb + 32768) >> 16));
  }

  private static int clamped(int value) {
    return Math.max(0, Math.min(255, value));
  }
}
