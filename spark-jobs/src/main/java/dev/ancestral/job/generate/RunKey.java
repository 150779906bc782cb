package dev.ancestral.job.generate;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.random.RandomKey;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What tells one run of a schedule from the others, such as {@code 2026-11-24}: the name of its
 * directory, and what its seed is derived from.
 *
 * @param text letters, digits, dots, dashes and underscores
 */
public record RunKey(String text) {
  private static final Pattern ALLOWED = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");
  private static final int MOST_DAYS = 3660;

  public RunKey {
    if (!ALLOWED.matcher(text).matches()) {
      throw new AncestralException(
          ErrorCode.SPEC,
          "run key is '"
              + text
              + "'; it must be letters, digits, dots, dashes and underscores, such as 2026-11-24,"
              + " or one of today and yesterday");
    }
  }

  /**
   * The key that a text means: itself, or the date of {@code today} or {@code yesterday}.
   *
   * @param today the date now, in UTC
   */
  public static RunKey of(String text, LocalDate today) {
    return switch (text) {
      case "today" -> new RunKey(today.toString());
      case "yesterday" -> new RunKey(today.minusDays(1).toString());
      default -> new RunKey(text);
    };
  }

  /** The keys of some days before this one, the oldest first, and this one. */
  public List<RunKey> withDaysBefore(int days) {
    if (days < 0 || days > MOST_DAYS) {
      throw new AncestralException(
          ErrorCode.SPEC,
          "days to catch up are " + days + "; it must be a whole number from 0 to " + MOST_DAYS);
    }
    if (days == 0) {
      return List.of(this);
    }
    LocalDate last;
    try {
      last = LocalDate.parse(text);
    } catch (DateTimeParseException e) {
      throw new AncestralException(
          ErrorCode.SPEC,
          "run key is '" + text + "', before which no days can be counted; write it as 2026-11-24",
          e);
    }
    List<RunKey> keys = new ArrayList<>();
    for (int before = days; before >= 0; before--) {
      keys.add(new RunKey(last.minusDays(before).toString()));
    }
    return keys;
  }

  /** The seed of this run of a schedule that has a seed: another one for every key. */
  public long seed(long ofSchedule) {
    return RandomKey.of(ofSchedule).fold("run key").fold(text).bits(0);
  }
}
