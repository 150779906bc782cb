package dev.ancestral.cli.console;

/**
 * Columns that a text takes on a terminal: two for the wide characters of East Asia and for
 * pictures, none for marks that combine with the character before (Unicode Standard Annex 11).
 */
final class TextWidth {
  // First and last code points of the wide ranges, in pairs.
  private static final int[] WIDE = {
    0x1100, 0x115F, 0x2E80, 0x303E, 0x3041, 0x4DBF, 0x4E00, 0xA4CF, 0xA960, 0xA97F, 0xAC00, 0xD7A3,
    0xF900, 0xFAFF, 0xFE30, 0xFE6F, 0xFF00, 0xFF60, 0xFFE0, 0xFFE6, 0x1F300, 0x1F64F, 0x1F680,
    0x1F6FF, 0x1F900, 0x1F9FF, 0x1FA70, 0x1FAFF, 0x20000, 0x3FFFD
  };
  // Vowels and finals of Hangul, which join the initial before them.
  private static final int FIRST_JOINING = 0x1160;
  private static final int LAST_JOINING = 0x11FF;
  private static final String CUT = "…";

  private TextWidth() {}

  /** Columns of a text. */
  static int of(String text) {
    return text.codePoints().map(TextWidth::of).sum();
  }

  /** The text, or as much of its beginning as fits, with an ellipsis. */
  static String cut(String text, int columns) {
    if (of(text) <= columns) {
      return text;
    }
    StringBuilder kept = new StringBuilder();
    int used = of(CUT);
    for (int at = 0; at < text.length(); at = text.offsetByCodePoints(at, 1)) {
      int point = text.codePointAt(at);
      if (used + of(point) > columns) {
        break;
      }
      used += of(point);
      kept.appendCodePoint(point);
    }
    return columns < of(CUT) ? "" : kept.append(CUT).toString();
  }

  private static int of(int point) {
    int type = Character.getType(point);
    if (type == Character.NON_SPACING_MARK
        || type == Character.ENCLOSING_MARK
        || type == Character.FORMAT
        || type == Character.CONTROL
        || (point >= FIRST_JOINING && point <= LAST_JOINING)) {
      return 0;
    }
    for (int i = 0; i < WIDE.length; i += 2) {
      if (point >= WIDE[i] && point <= WIDE[i + 1]) {
        return 2;
      }
    }
    return 1;
  }
}
