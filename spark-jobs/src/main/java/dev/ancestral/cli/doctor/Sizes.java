package dev.ancestral.cli.doctor;

import java.util.Locale;

/** Bytes for a person. */
final class Sizes {
  private Sizes() {}

  /** {@code 1.5 GB}, {@code 120 MB}. */
  static String of(long bytes) {
    return bytes < 1_000_000_000L
        ? String.format(Locale.ROOT, "%.0f MB", bytes / 1e6)
        : String.format(Locale.ROOT, "%.1f GB", bytes / 1e9);
  }
}
