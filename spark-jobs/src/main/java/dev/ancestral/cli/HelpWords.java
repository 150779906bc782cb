package dev.ancestral.cli;

import java.util.List;
import java.util.ListResourceBundle;
import java.util.Map;

/** Words of a page of help that depend on what is at hand: {@code ${bundle:KEY}} names them. */
final class HelpWords extends ListResourceBundle {
  private final Map<String, String> words;

  HelpWords(Map<String, String> words) {
    this.words = words;
  }

  @Override
  protected Object[][] getContents() {
    return words.entrySet().stream()
        .map(word -> new Object[] {word.getKey(), word.getValue()})
        .toArray(Object[][]::new);
  }

  /** {@code a, b or c}. */
  static String listed(List<String> names) {
    int last = names.size() - 1;
    return last == 0
        ? names.get(0)
        : String.join(", ", names.subList(0, last)) + " or " + names.get(last);
  }
}
