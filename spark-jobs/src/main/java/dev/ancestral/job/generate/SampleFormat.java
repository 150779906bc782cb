package dev.ancestral.job.generate;

import dev.ancestral.Refusal;
import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import java.io.Serializable;

/** A form of samples that people look at or listen to. */
sealed interface SampleFormat extends Serializable permits PngFormat, WavFormat, TextFormat {

  /** Of the files, without the dot. */
  String extension();

  /** The content of a file: sample {@code row} of a batch. */
  byte[] encode(Batch batch, int row);

  /** Where the files of a part lie: {@code png/part-00000}. */
  default String folder(String partFile) {
    return extension() + "/" + partFile.replace(".parquet", "");
  }

  /** Whether a name in a manifest is such a folder, not a file. */
  static boolean isFolder(String name) {
    return name.contains("/");
  }

  /**
   * The format that was asked for; null for Parquet, which samples always are.
   *
   * @throws Refusal (MISMATCH) if such samples cannot be shown that way
   */
  static SampleFormat of(GenerateSpec.Format format, EventSpec event) {
    return switch (format) {
      case PARQUET -> null;
      case PNG -> suited(PngFormat.suits(event), new PngFormat(), "a picture", event);
      case WAV -> suited(WavFormat.suits(event), new WavFormat(), "sound", event);
      case TEXT -> suited(TextFormat.suits(event), new TextFormat(), "text", event);
    };
  }

  private static SampleFormat suited(
      boolean suits, SampleFormat format, String what, EventSpec event) {
    if (!suits) {
      throw new Refusal(
          Refusal.Kind.MISMATCH,
          "samples as "
              + format.extension()
              + " were asked for, but a sample is no "
              + what
              + ": the model was trained on "
              + event.describe()
              + "; leave out --as");
    }
    return format;
  }
}
