package dev.ancestral.job.output;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ancestral.Refusal;
import dev.ancestral.data.SealedJson;
import dev.ancestral.spark.SparkApplication;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * A table of the catalog, which makes it as a whole; its manifest is the property {@value
 * #PROPERTY}.
 */
public final class RowTable implements RowDestination {
  private static final String PROPERTY = "ancestral.manifest";

  private final SparkApplication application;
  private final RowOutput output;
  private final String name;
  private boolean replace;

  /** The table of an output. */
  RowTable(SparkApplication application, RowOutput output) {
    this.application = application;
    this.output = output;
    name = output.table().orElseThrow();
  }

  @Override
  public Optional<ObjectNode> complete(String fingerprint, boolean overwrite) {
    if (!application.session().catalog().tableExists(name)) {
      return Optional.empty();
    }
    Optional<ObjectNode> manifest = manifest();
    boolean same =
        manifest.filter(json -> json.path(FINGERPRINT).asText().equals(fingerprint)).isPresent();
    if (same) {
      return manifest;
    }
    if (!overwrite) {
      throw new Refusal(
          Refusal.Kind.SPEC,
          "table "
              + name
              + " is there, with rows of another command; give another --output-table, or replace"
              + " it by --overwrite");
    }
    replace = true;
    return Optional.empty();
  }

  private Optional<ObjectNode> manifest() {
    return application.session().sql("SHOW TBLPROPERTIES " + quoted()).collectAsList().stream()
        .filter(row -> row.getString(0).equals(PROPERTY))
        .map(row -> Base64.getDecoder().decode(row.getString(1)))
        .map(json -> SealedJson.open(json, "the property " + PROPERTY + " of table " + name))
        .findFirst();
  }

  /** A table that is there is replaced by the one that is written. */
  @Override
  public void clear(String fingerprint) {}

  @Override
  public void write(Dataset<Row> rows) {
    output.write(rows, replace);
  }

  @Override
  public void commit(ObjectNode manifest) {
    String text =
        new String(
            Base64.getEncoder().encode(SealedJson.seal(manifest)), StandardCharsets.US_ASCII);
    application
        .session()
        .sql("ALTER TABLE " + quoted() + " SET TBLPROPERTIES ('" + PROPERTY + "'='" + text + "')");
  }

  /** Each part of the name in quotes, unless it has some. */
  private String quoted() {
    return name.contains("`")
        ? name
        : Arrays.stream(name.split("\\.")).map(RowOutput::quoted).collect(Collectors.joining("."));
  }
}
