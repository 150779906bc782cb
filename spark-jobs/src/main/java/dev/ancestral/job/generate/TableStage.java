package dev.ancestral.job.generate;

import dev.ancestral.data.Storage;
import dev.ancestral.job.generate.rows.SampleTable;
import dev.ancestral.job.generate.rows.TableOutput;
import dev.ancestral.job.status.ProgressListener;
import dev.ancestral.spark.SparkApplication;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.fs.Path;

/** What a generation does to have its samples as rows of a table, after the parts are there. */
final class TableStage {
  private final SparkApplication application;
  private final Storage storage;
  private final ProgressListener progress;
  private final Path output;

  TableStage(SparkApplication application, ProgressListener progress, Path output) {
    this.application = application;
    this.storage = application.storage();
    this.progress = progress;
    this.output = output;
  }

  /**
   * Verifies or makes the table.
   *
   * @param records folder of what tasks leave beside their files
   * @param listed what the manifest says of the table, if it lists the one that is asked for
   * @param files that the manifest lists; those of the table are put in their place
   */
  GenerationManifest.Table write(
      SamplePlan plan,
      GenerateRequest request,
      List<MadePart> parts,
      Path records,
      Optional<GenerationManifest.Table> listed,
      Map<String, Storage.Written> files) {
    TableOutput asked = request.spec().table().orElseThrow();
    SampleTable table = SampleTable.of(plan.model(), parts.get(0).event(), asked.withId());
    TableRows rows = new TableRows(application, output, table);
    if (asked.ofFiles()) {
      Map<String, Storage.Written> written =
          new TableFiles(application, progress, output, records, rows)
              .write(asked, parts, request.spec().tasks(), files);
      files.keySet().removeIf(SampleFormat::isOfTable);
      files.putAll(written);
      return new GenerationManifest.Table(asked, Optional.empty());
    }
    StoredTable.Content content =
        new StoredTable(storage, progress, output, rows)
            .write(
                asked,
                parts,
                listed.flatMap(GenerationManifest.Table::content),
                plan.fingerprint(),
                request.overwrite());
    return new GenerationManifest.Table(asked, Optional.of(content));
  }
}
