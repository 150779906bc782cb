package dev.ancestral.data.source.image;

import java.util.Arrays;

/**
 * The pixels of an image.
 *
 * @param channels 1 or 3
 * @param values [height, width, channels]
 */
record Picture(int height, int width, int channels, byte[] values) {

  /**
   * This picture turned and mirrored so that it stands upright.
   *
   * @param orientation as Exif numbers it: where row 0 and column 0 of what is stored are on the
   *     upright picture
   */
  Picture upright(int orientation) {
    if (orientation == 1) {
      return this;
    }
    boolean swapped = orientation >= 5;
    int newHeight = swapped ? width : height;
    int newWidth = swapped ? height : width;
    byte[] turned = new byte[values.length];
    for (int y = 0; y < newHeight; y++) {
      for (int x = 0; x < newWidth; x++) {
        int row =
            switch (orientation) {
              case 2 -> y;
              case 3, 4 -> height - 1 - y;
              case 5, 8 -> x;
              default -> height - 1 - x;
            };
        int column =
            switch (orientation) {
              case 2, 3 -> width - 1 - x;
              case 4 -> x;
              case 5, 6 -> y;
              default -> width - 1 - y;
            };
        System.arraycopy(
            values,
            (row * width + column) * channels,
            turned,
            (y * newWidth + x) * channels,
            channels);
      }
    }
    return new Picture(newHeight, newWidth, channels, turned);
  }

  /**
   * This picture scaled by averaging areas: a new pixel is the mean of what it covers of the old
   * ones, each weighted by the area covered, in whole numbers and rounded once, halves up.
   */
  Picture resized(PictureSize size) {
    if (size.isNone() || (size.height() == height && size.width() == width)) {
      return this;
    }
    int newHeight = size.height();
    int newWidth = size.width();
    byte[] scaled = new byte[newHeight * newWidth * channels];
    long[] row = new long[width * channels];
    long area = (long) height * width;
    for (int y = 0; y < newHeight; y++) {
      // In units of 1/newHeight of an old row, a new one is `height` high, an old one `newHeight`.
      long top = (long) y * height;
      long bottom = top + height;
      Arrays.fill(row, 0);
      for (int old = (int) (top / newHeight); (long) old * newHeight < bottom; old++) {
        long weight = overlap(top, bottom, (long) old * newHeight, newHeight);
        for (int i = 0; i < row.length; i++) {
          row[i] += weight * (values[old * row.length + i] & 0xFF);
        }
      }
      for (int x = 0; x < newWidth; x++) {
        long left = (long) x * width;
        long right = left + width;
        for (int c = 0; c < channels; c++) {
          long sum = 0;
          for (int old = (int) (left / newWidth); (long) old * newWidth < right; old++) {
            sum += overlap(left, right, (long) old * newWidth, newWidth) * row[old * channels + c];
          }
          scaled[(y * newWidth + x) * channels + c] = (byte) ((sum + area / 2) / area);
        }
      }
    }
    return new Picture(newHeight, newWidth, channels, scaled);
  }

  private static long overlap(long from, long to, long begin, long length) {
    return Math.min(to, begin + length) - Math.max(from, begin);
  }

  /** The middle of this picture, nearer to the top and the left where it cannot be the middle. */
  Picture cropped(PictureSize size) {
    if (size.isNone()) {
      return this;
    }
    int top = (height - size.height()) / 2;
    int left = (width - size.width()) / 2;
    int rowBytes = size.width() * channels;
    byte[] middle = new byte[size.height() * rowBytes];
    for (int y = 0; y < size.height(); y++) {
      int from = ((top + y) * width + left) * channels;
      System.arraycopy(values, from, middle, y * rowBytes, rowBytes);
    }
    return new Picture(size.height(), size.width(), channels, middle);
  }

  /** The same with every channel of a gray picture repeated. */
  Picture withChannels(int wanted) {
    if (wanted == channels) {
      return this;
    }
    byte[] repeated = new byte[height * width * wanted];
    for (int i = 0; i < repeated.length; i++) {
      repeated[i] = values[i / wanted];
    }
    return new Picture(height, width, wanted, repeated);
  }
}
