package dev.ancestral.job.generate;

import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import javax.imageio.ImageIO;

/**
 * Pictures: images [height, width, 1 or 3] as they are, sequences of vectors as a roll with time
 * from left to right and element 0 at the bottom. Levels are spread over black to white; real
 * numbers are taken to lie in [0, 1].
 */
public record PngFormat() implements SampleFormat {
  private static final long serialVersionUID = 1L;

  @Override
  public String name() {
    return "png";
  }

  @Override
  public String subject() {
    return "picture";
  }

  @Override
  public boolean suits(EventSpec event) {
    return !event.isRows() && (isImage(event) || isRoll(event));
  }

  private static boolean isImage(EventSpec event) {
    return !event.variableLength()
        && event.shape().size() == 3
        && (event.shape().get(2) == 1 || event.shape().get(2) == 3);
  }

  private static boolean isRoll(EventSpec event) {
    return event.variableLength() && event.shape().size() == 1 && event.size() > 1;
  }

  @Override
  public String extension() {
    return "png";
  }

  @Override
  public byte[] encode(Batch batch, int row) {
    return png(picture(batch, row));
  }

  static BufferedImage picture(Batch batch, int row) {
    EventSpec event = batch.event();
    int offset = row * batch.steps() * event.size();
    if (isRoll(event)) {
      int steps = batch.lengths()[row];
      int keys = event.size();
      BufferedImage roll = new BufferedImage(Math.max(1, steps), keys, BufferedImage.TYPE_INT_RGB);
      for (int step = 0; step < steps; step++) {
        for (int key = 0; key < keys; key++) {
          int grey = shade(event, batch.values()[offset + step * keys + key]);
          roll.setRGB(step, keys - 1 - key, rgb(grey, grey, grey));
        }
      }
      return roll;
    }
    int height = event.shape().get(0);
    int width = event.shape().get(1);
    int channels = event.shape().get(2);
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int at = offset + (y * width + x) * channels;
        int red = shade(event, batch.values()[at]);
        int green = channels == 1 ? red : shade(event, batch.values()[at + 1]);
        int blue = channels == 1 ? red : shade(event, batch.values()[at + 2]);
        image.setRGB(x, y, rgb(red, green, blue));
      }
    }
    return image;
  }

  static byte[] png(BufferedImage image) {
    // Memory only: the default cache would write to the temporary folder of an executor.
    ImageIO.setUseCache(false);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, "png", out);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory does not fail", e);
    }
    return out.toByteArray();
  }

  private static int shade(EventSpec event, float value) {
    double unit = event.isDiscrete() ? value / (event.levels() - 1) : value;
    return (int) Math.round(255 * Math.max(0, Math.min(1, unit)));
  }

  private static int rgb(int red, int green, int blue) {
    return red << 16 | green << 8 | blue;
  }
}
