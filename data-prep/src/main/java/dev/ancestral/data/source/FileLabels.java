package dev.ancestral.data.source;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.Example;
import java.io.Serializable;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Classes by what a pattern captures in the names of files, or by the names of their folders:
 * numbers stand for themselves; if any is not a number, all are names, numbered in their order.
 *
 * @param names of the classes, sorted; empty where they are numbers
 * @param classes how many there are; 0 without labels
 */
record FileLabels(List<String> names, int classes) {
  private static final int MOST = 1 << 20;

  FileLabels {
    names = List.copyOf(names);
  }

  /**
   * The classes of all captured texts.
   *
   * @throws AncestralException (DATA) if there are more than a million
   */
  static FileLabels of(Set<String> captured) {
    if (captured.size() > MOST) {
      throw new AncestralException(
          ErrorCode.DATA,
          "the files have "
              + captured.size()
              + " different labels; at most "
              + MOST
              + " make sense: correct the label pattern, or name other folders");
    }
    if (captured.stream().allMatch(text -> text.matches("\\d{1,6}"))) {
      int largest = captured.stream().mapToInt(Integer::parseInt).max().orElse(Example.NONE);
      return new FileLabels(List.of(), largest + 1);
    }
    return new FileLabels(captured.stream().sorted().toList(), captured.size());
  }

  /**
   * Where the label of a file stands.
   *
   * @param pattern whose first group in the name is the label; that of no text for none
   * @param folder whether the name of its folder is the label
   */
  record Rule(Pattern pattern, boolean folder) implements Serializable {
    private static final long serialVersionUID = 1L;

    static Rule of(FileFormat format) {
      return new Rule(Pattern.compile(format.labelPattern()), format.labelsByFolder());
    }

    boolean isNone() {
      return !folder && pattern.pattern().isEmpty();
    }

    String label(InputFile file) {
      return folder ? file.path().getParent().getName() : captured(file, pattern);
    }
  }

  /** The class of a captured text, of those that this was made of. */
  int label(String captured) {
    return names.isEmpty() ? Integer.parseInt(captured) : Collections.binarySearch(names, captured);
  }

  /**
   * What the pattern captures in the name of a file.
   *
   * @throws AncestralException (DATA) if it finds nothing there
   */
  static String captured(InputFile file, Pattern pattern) {
    Matcher matcher = pattern.matcher(file.name());
    if (!matcher.find() || matcher.groupCount() < 1 || matcher.group(1) == null) {
      throw new AncestralException(
          ErrorCode.DATA,
          file
              + ": the name has nothing that the label pattern '"
              + pattern
              + "' captures in a group; correct the pattern, or leave the file out");
    }
    return matcher.group(1);
  }
}
