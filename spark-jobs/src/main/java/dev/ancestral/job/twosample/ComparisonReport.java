package dev.ancestral.job.twosample;

/** What a comparison of draws with held-out examples found: {@code report.json}, written last. */
interface ComparisonReport {
  /** The result for a person. */
  String summary();

  /** The content of the file. */
  byte[] toJson();
}
