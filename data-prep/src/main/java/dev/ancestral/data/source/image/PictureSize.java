package dev.ancestral.data.source.image;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import java.io.Serializable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Rows and columns that pictures are brought to.
 *
 * @param height in pixels; 0 for that of the picture
 * @param width in pixels; 0 for that of the picture
 */
record PictureSize(int height, int width) implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final Pattern TEXT = Pattern.compile("([1-9]\\d{0,4})x([1-9]\\d{0,4})");

  /** What a text may be. */
  static final String ALLOWED = "HEIGHTxWIDTH in pixels, as in 32x48";

  /** As pictures are. */
  static final PictureSize NONE = new PictureSize(0, 0);

  /**
   * The size that a text says; none if it is empty.
   *
   * @throws AncestralException (SPEC) if it is no size, or has too many pixels
   */
  static PictureSize parse(String text) {
    Matcher matcher = TEXT.matcher(text);
    if (text.isEmpty()) {
      return NONE;
    }
    if (!matcher.matches() || pixels(matcher) > ImageFile.MOST_PIXELS) {
      throw new AncestralException(
          ErrorCode.SPEC, "the size of a picture is " + text + "; it must be " + ALLOWED);
    }
    return new PictureSize(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
  }

  private static long pixels(Matcher matcher) {
    return Long.parseLong(matcher.group(1)) * Long.parseLong(matcher.group(2));
  }

  boolean isNone() {
    return height == 0;
  }

  @Override
  public String toString() {
    return height + "x" + width;
  }
}
