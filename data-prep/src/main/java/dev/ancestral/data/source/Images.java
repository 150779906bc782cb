package dev.ancestral.data.source;

import dev.ancestral.Refusal;
import dev.ancestral.data.Example;
import dev.ancestral.data.Storage;
import dev.ancestral.model.EventSpec;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.IOException;
import java.util.List;

/**
 * PNG and JPEG files, one image each: [height, width, 1] for gray ones, [height, width, 3] for
 * colour, 256 levels. All have the size of the first; transparency is dropped; a gray image among
 * coloured ones becomes a coloured one.
 *
 * @param labelPattern expression whose first group, on the file name, is the label; empty for none
 * @param include expression that the names of files to read match; empty for .png, .jpg and .jpeg
 */
public record Images(String labelPattern, String include) implements FileFormat {
  private static final long serialVersionUID = 1L;
  private static final int MOST_BYTES = 1 << 28;

  public Images {
    FileFormat.check("labelPattern", labelPattern);
    FileFormat.check("include", include);
  }

  @Override
  public boolean accepts(String fileName) {
    return FileFormat.accepts(fileName, include, List.of(".png", ".jpg", ".jpeg"));
  }

  @Override
  public EventSpec event(Storage storage, InputFile file) {
    BufferedImage image = image(storage, file);
    return EventSpec.discrete(256, image.getHeight(), image.getWidth(), isGray(image) ? 1 : 3);
  }

  @Override
  public Elements read(Storage storage, InputFile file, EventSpec encoding, String from) {
    BufferedImage image = image(storage, file);
    int channels = isGray(image) ? 1 : 3;
    List<Integer> shape = List.of(image.getHeight(), image.getWidth(), channels);
    List<Integer> expected = encoding.shape();
    if (!shape.subList(0, 2).equals(expected.subList(0, 2)) || channels > expected.get(2)) {
      throw new Refusal(
          Refusal.Kind.DATA,
          file
              + " is "
              + size(shape)
              + ", but "
              + from
              + " and the dataset are "
              + size(expected)
              + " (height, width, channels); scale the images first, or leave some out (include)");
    }
    byte[] payload = channels == 1 ? gray(image) : colour(image);
    return new Elements(
        channels == expected.get(2) ? payload : repeated(payload, expected.get(2)), Example.NONE);
  }

  private static String size(List<Integer> shape) {
    return shape.get(0) + "×" + shape.get(1) + "×" + shape.get(2);
  }

  private static BufferedImage image(Storage storage, InputFile file) {
    byte[] content = storage.read(file.path(), MOST_BYTES);
    String why;
    try {
      return ImageFile.decode(content);
    } catch (IOException | RuntimeException e) { // decoders throw both at damaged files
      why = String.valueOf(e.getMessage());
    }
    throw new Refusal(
        Refusal.Kind.DATA,
        file
            + " cannot be read as an image: "
            + why
            + " ("
            + content.length
            + " bytes); replace it, or leave it out (include)");
  }

  private static boolean isGray(BufferedImage image) {
    ColorModel colours = image.getColorModel();
    if (colours instanceof IndexColorModel palette) {
      for (int i = 0; i < palette.getMapSize(); i++) {
        if (palette.getRed(i) != palette.getGreen(i) || palette.getRed(i) != palette.getBlue(i)) {
          return false;
        }
      }
      return true;
    }
    return colours.getColorSpace().getType() == ColorSpace.TYPE_GRAY;
  }

  private static byte[] gray(BufferedImage image) {
    Raster raster = image.getRaster();
    byte[] payload = new byte[image.getWidth() * image.getHeight()];
    // Samples, not getRGB: Java takes gray rasters for linear light and would brighten them.
    int[] samples = raster.getSamples(0, 0, image.getWidth(), image.getHeight(), 0, (int[]) null);
    int shift = Math.max(0, image.getColorModel().getComponentSize(0) - 8);
    for (int i = 0; i < payload.length; i++) {
      payload[i] =
          (byte)
              (image.getColorModel() instanceof IndexColorModel palette
                  ? palette.getRed(samples[i])
                  : samples[i] >> shift);
    }
    return payload;
  }

  private static byte[] colour(BufferedImage image) {
    byte[] payload = new byte[image.getWidth() * image.getHeight() * 3];
    int[] row = new int[image.getWidth()];
    int at = 0;
    for (int y = 0; y < image.getHeight(); y++) {
      image.getRGB(0, y, row.length, 1, row, 0, row.length);
      for (int rgb : row) {
        payload[at++] = (byte) (rgb >> 16);
        payload[at++] = (byte) (rgb >> 8);
        payload[at++] = (byte) rgb;
      }
    }
    return payload;
  }

  private static byte[] repeated(byte[] gray, int channels) {
    byte[] payload = new byte[gray.length * channels];
    for (int i = 0; i < payload.length; i++) {
      payload[i] = gray[i / channels];
    }
    return payload;
  }

  @Override
  public String toString() {
    return "images" + options(labelPattern, include);
  }

  static String options(String labelPattern, String include) {
    return (labelPattern.isEmpty() ? "" : " labelled by '" + labelPattern + "'")
        + (include.isEmpty() ? "" : " named '" + include + "'");
  }
}
