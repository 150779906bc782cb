package dev.ancestral.data.source.image;

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
