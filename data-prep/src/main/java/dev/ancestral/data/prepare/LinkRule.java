package dev.ancestral.data.prepare;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import java.util.Locale;

/**
 * What becomes of symbolic links below an input folder of the local file system that lead out of
 * it, or to a folder that they lie in. All others are followed, and each file is read once.
 */
public enum LinkRule {
  /** A link out of the folder is refused; one to a folder that it lies in is passed over. */
  INSIDE,
  /** A link out of the folder is followed; one to a folder that it lies in is passed over. */
  FOLLOW,
  /** Both are passed over. */
  SKIP,
  /** Both are refused. */
  REFUSE;

  /** The rule of that name in small letters. */
  static LinkRule of(String name) {
    return valueOf(name.toUpperCase(Locale.ROOT));
  }

  /**
   * Whether a link may be followed.
   *
   * @param link as it was met, for the message
   * @param leaves whether it leads out of the folder
   * @param loops whether it leads to a folder that it lies in
   * @throws AncestralException (DATA) if it is refused
   */
  boolean admits(Object link, boolean leaves, boolean loops) {
    boolean refused = this == REFUSE ? leaves || loops : this == INSIDE && leaves;
    if (refused) {
      throw new AncestralException(
          ErrorCode.DATA,
          link
              + " is a link, or lies behind one, that leads "
              + (leaves ? "out of the input folder" : "to a folder that it lies in")
              + "; remove it, or choose links: "
              + (leaves ? "follow or skip" : "inside, follow or skip"));
    }
    return !loops && !(leaves && this == SKIP);
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
