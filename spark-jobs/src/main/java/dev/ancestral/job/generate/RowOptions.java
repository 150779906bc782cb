package dev.ancestral.job.generate;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.config.Settings;
import dev.ancestral.job.generate.rows.Given;
import dev.ancestral.job.generate.rows.LabelShares;
import dev.ancestral.job.generate.rows.TableOutput;
import java.util.List;
import java.util.Optional;

/**
 * What is asked of a generation of rows.
 *
 * @param table how they are written, if they are
 * @param given values of columns
 * @param labels proportions of classes
 */
public record RowOptions(
    Optional<TableOutput> table, Optional<Given> given, Optional<LabelShares> labels) {

  public RowOptions {
    if (given.isPresent() && labels.isPresent()) {
      throw new AncestralException(
          ErrorCode.SPEC,
          "given and labels are both there; draw from classes or given columns, and leave the"
              + " other out");
    }
  }

  /** Reads the keys of a section. */
  static RowOptions read(Settings generate) {
    boolean table =
        List.of("outputFormat", "option", "outputTable", "withId").stream()
                .filter(generate::has)
                .count()
            > 0;
    String given = generate.text("given", "");
    String labels = generate.text("labels", "");
    return new RowOptions(
        table ? Optional.of(TableOutput.read(generate)) : Optional.empty(),
        given.isEmpty() ? Optional.empty() : Optional.of(Given.parse(given)),
        labels.isEmpty() ? Optional.empty() : Optional.of(LabelShares.parse(labels)));
  }

  /** Nothing. */
  public static RowOptions none() {
    return new RowOptions(Optional.empty(), Optional.empty(), Optional.empty());
  }
}
