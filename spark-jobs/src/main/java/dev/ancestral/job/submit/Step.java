package dev.ancestral.job.submit;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** The steps of a pipeline, in the order in which they are done. */
public enum Step {
  PREPARE,
  TRAIN,
  EVALUATE,
  GENERATE;

  /** As it is written. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** All of them, for messages. */
  public static String all() {
    return Arrays.stream(values()).map(Step::text).collect(Collectors.joining(", "));
  }
}
