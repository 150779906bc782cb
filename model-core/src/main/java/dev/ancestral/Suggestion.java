package dev.ancestral;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The word that was perhaps meant: the known one that fewest edits of a letter (insertion,
 * deletion, substitution, exchange of neighbours; Damerau 1964, restricted) make of the given one.
 * Case, hyphens and underscores are no difference.
 */
public final class Suggestion {
  // A word of so many letters may have one mistake.
  private static final int LETTERS_A_MISTAKE = 3;

  private Suggestion() {}

  /** The nearest of the known words; empty if none is near. */
  public static Optional<String> nearest(String given, Collection<String> known) {
    String plain = plain(given);
    int most = Math.max(1, plain.length() / LETTERS_A_MISTAKE);
    return known.stream()
        .filter(word -> !word.isEmpty() && distance(plain, plain(word)) <= most)
        .min(
            Comparator.comparingInt((String word) -> distance(plain, plain(word)))
                .thenComparing(Comparator.naturalOrder()));
  }

  /** A question for the end of a message: {@code "; did you mean vae?"}, or nothing. */
  public static String question(String given, Collection<String> known) {
    return nearest(given, known).map(word -> "; did you mean " + word + "?").orElse("");
  }

  /** The known words in their order, but the nearest one first. */
  public static List<String> nearestFirst(String given, Collection<String> known) {
    List<String> words = new ArrayList<>(known);
    nearest(given, known)
        .ifPresent(
            word -> {
              words.remove(word);
              words.add(0, word);
            });
    return words;
  }

  private static String plain(String word) {
    return word.replaceAll("[-_ ]", "").toLowerCase(Locale.ROOT);
  }

  private static int distance(String a, String b) {
    int[] before = new int[b.length() + 1];
    int[] last = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      last[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] row = new int[b.length() + 1];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int differs = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        row[j] = Math.min(Math.min(row[j - 1], last[j]) + 1, last[j - 1] + differs);
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          row[j] = Math.min(row[j], before[j - 2] + 1);
        }
      }
      before = last;
      last = row;
    }
    return last[b.length()];
  }
}
