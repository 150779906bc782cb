package dev.ancestral.job.generate;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.Services;
import dev.ancestral.job.generate.rows.TableOutput;
import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A form of samples that people look at or listen to: one file a sample, beside the parts.
 *
 * <p>Implementations are public, have a public constructor without arguments, and stand in {@code
 * META-INF/services/dev.ancestral.job.generate.SampleFormat}. They travel to the tasks that write.
 */
public interface SampleFormat extends Serializable {
  /** The form that samples always have: the parts alone. */
  String PARQUET = "parquet";

  /** Rows of a table with the names and types of the data, as {@link TableOutput} says. */
  String TABLE = "table";

  /** The folder of the rows. */
  String TABLE_FOLDER = TABLE + "/";

  /** What {@code --as} and {@code generate.as} call it, in lower case. */
  String name();

  /** Of the files, without the dot; lower case letters and digits. */
  String extension();

  /** What a sample must be, for messages: {@code picture}. */
  String subject();

  /** Whether samples of an event can be shown that way. */
  boolean suits(EventSpec event);

  /** The content of a file: sample {@code row} of a batch. The same sample gives the same bytes. */
  byte[] encode(Batch batch, int row);

  /** Where the files of a part lie: {@code png/part-00000}. */
  default String folder(String partFile) {
    return extension() + "/" + partFile.replace(".parquet", "");
  }

  /** Whether a name in a manifest is such a folder, not a file. */
  static boolean isFolder(String name) {
    return name.contains("/") && !isOfTable(name);
  }

  /** Whether a name in a manifest is a file of the table. */
  static boolean isOfTable(String name) {
    return name.startsWith(TABLE_FOLDER);
  }

  /** The formats at hand, by name: those of this program, then those of {@code --jars}. */
  static Map<String, SampleFormat> byName() {
    return Services.byName(
        SampleFormat.class, SampleFormat::name, "a format of samples", "formats of samples");
  }

  /** What can be asked for: {@value #PARQUET}, {@value #TABLE}, then the formats at hand. */
  static List<String> names() {
    List<String> names = new ArrayList<>(List.of(PARQUET, TABLE));
    names.addAll(byName().keySet());
    return names;
  }

  /**
   * The format that was asked for; empty for Parquet, which samples always are, and for tables.
   *
   * @throws AncestralException (SPEC) if there is none of that name; (MISMATCH) if such samples
   *     cannot be shown that way
   */
  static Optional<SampleFormat> of(String name, EventSpec event) {
    if (name.equals(PARQUET) || name.equals(TABLE)) {
      return Optional.empty();
    }
    SampleFormat format = Services.named(byName(), "the format of samples", name);
    if (!format.suits(event)) {
      throw new AncestralException(
          ErrorCode.MISMATCH,
          "samples as "
              + format.extension()
              + " were asked for, but a sample is no "
              + format.subject()
              + ": the model was trained on "
              + event.describe()
              + "; leave out --as");
    }
    return Optional.of(format);
  }
}
