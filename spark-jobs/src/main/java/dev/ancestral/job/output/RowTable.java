package dev.ancestral.job.output;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.SealedJson;
import dev.ancestral.spark.SparkApplication;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * A table of the catalog. Its manifest is the property {@value #PROPERTY}; one that no command has
 * completed has {@value #BEGUN} instead, and one that has neither is never touched.
 */
public final class RowTable implements RowDestination {
  private static final String PROPERTY = "ancestral.manifest";
  private static final String BEGUN = "ancestral.begun";

  private final SparkApplication application;
  private final RowOutput output;
  private final String name;
  private String begun = "";

  /** The table of an output. */
  RowTable(SparkApplication application, RowOutput output) {
    this.application = application;
    this.output = output;
    name = output.table().orElseThrow();
  }

  @Override
  public Optional<ObjectNode> complete(String fingerprint, boolean overwrite) {
    if (!table().exists()) {
      return Optional.empty();
    }
    Optional<ObjectNode> manifest = manifest();
    boolean same =
        manifest.filter(json -> json.path(FINGERPRINT).asText().equals(fingerprint)).isPresent();
    if (same) {
      return manifest;
    }
    if (manifest.isEmpty() && table().property(BEGUN).isEmpty()) {
      throw new AncestralException(
          ErrorCode.SPEC,
          "table "
              + name
              + " is there, and no command of this kind made it; give another --output-table, or"
              + " drop it");
    }
    if (manifest.isPresent() && !overwrite) {
      throw new AncestralException(
          ErrorCode.SPEC,
          "table "
              + name
              + " is there, with rows of another command; give another --output-table, or replace"
              + " it by --overwrite");
    }
    return Optional.empty();
  }

  private CatalogTable table() {
    return new CatalogTable(application.session(), name);
  }

  private Optional<ObjectNode> manifest() {
    return table()
        .property(PROPERTY)
        .map(Base64.getDecoder()::decode)
        .map(json -> SealedJson.open(json, "the property " + PROPERTY + " of table " + name));
  }

  /** A table that is there is replaced when rows are written. */
  @Override
  public void clear(String fingerprint) {
    begun = fingerprint;
  }

  @Override
  public void write(Dataset<Row> rows, List<String> files) {
    Dataset<Row> writable = output.writable(rows);
    output.requireColumns(writable.schema());
    if (table().exists()) {
      requireOther(files);
      table().drop();
    }
    output.refusing(
        () -> {
          table().create(writable.schema(), output, BEGUN, begun);
          table().fill(writable);
        });
  }

  private void requireOther(List<String> files) {
    List<String> held = List.of(application.session().table(table().quoted()).inputFiles());
    if (files.stream().anyMatch(held::contains)) {
      throw new AncestralException(
          ErrorCode.SPEC,
          "table "
              + name
              + " is both the input and the output; give another --output-table, for the table is"
              + " replaced as a whole");
    }
  }

  @Override
  public void commit(ObjectNode manifest) {
    byte[] text = Base64.getEncoder().encode(SealedJson.seal(manifest));
    table().set(PROPERTY, new String(text, StandardCharsets.US_ASCII));
  }
}
