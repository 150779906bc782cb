package dev.ancestral.job.quality;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ancestral.data.SealedJson;
import dev.ancestral.data.Storage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.Path;

/**
 * The counts that a picture of a comparison of rows takes: {@code pictures.json}, written before
 * {@code report.json}. It has at most {@link #MOST_COLUMNS} columns, those that are least alike,
 * and some hundred numbers of each.
 *
 * @param inputs fingerprint of everything it depends on
 * @param histograms of the columns, in their order
 * @param associations of every two of them
 * @param detector how the detector's scores divide drawn from held-out rows
 * @param closest distances of drawn rows to the nearest held-out row and to the nearest training
 *     row; empty without a split {@code train}
 */
public record TablePictures(
    String inputs,
    List<Histogram> histograms,
    Associations associations,
    RocCurve detector,
    Optional<Histogram> closest) {
  /** Name of the file. */
  public static final String FILE = "pictures.json";

  /** Columns that are pictured at most. */
  static final int MOST_COLUMNS = 60;

  private static final String COLUMNS = "columns";
  private static final String ASSOCIATIONS = "associations";
  private static final String DETECTOR = "detector_roc";
  private static final String CLOSEST = "closest_record_distances";
  private static final String HELD = "held_out";
  private static final String DRAWN = "drawn";

  /**
   * How often values of some bins occur.
   *
   * @param name of the column
   * @param category whether each label names a bin; else labels are the edges of bins, one more
   *     than there are bins, and the outer bins have all that lies beyond them as well
   * @param labels of bins or edges
   * @param held counts of held-out rows, by bin
   * @param drawn counts of drawn rows, by bin
   * @param heldNulls held-out rows without a value
   * @param drawnNulls drawn rows without a value
   */
  public record Histogram(
      String name,
      boolean category,
      List<String> labels,
      List<Long> held,
      List<Long> drawn,
      long heldNulls,
      long drawnNulls) {
    public Histogram {
      labels = List.copyOf(labels);
      held = List.copyOf(held);
      drawn = List.copyOf(drawn);
    }
  }

  public TablePictures {
    histograms = List.copyOf(histograms);
  }

  /** The content of the file. */
  byte[] toJson() {
    ObjectNode json = SealedJson.object();
    json.put("inputs", inputs);
    ArrayNode columns = json.putArray(COLUMNS);
    histograms.forEach(histogram -> put(histogram, columns.addObject()));
    ObjectNode matrices = json.putObject(ASSOCIATIONS);
    put(associations.held(), matrices.putArray(HELD));
    put(associations.drawn(), matrices.putArray(DRAWN));
    ObjectNode roc = json.putObject(DETECTOR);
    detector.falsePositives().forEach(roc.putArray("false_positive_rate")::add);
    detector.truePositives().forEach(roc.putArray("true_positive_rate")::add);
    closest.ifPresent(distances -> put(distances, json.putObject(CLOSEST)));
    return SealedJson.seal(json);
  }

  private static void put(Histogram histogram, ObjectNode json) {
    json.put("name", histogram.name()).put("category", histogram.category());
    histogram.labels().forEach(json.putArray("labels")::add);
    histogram.held().forEach(json.putArray(HELD)::add);
    histogram.drawn().forEach(json.putArray(DRAWN)::add);
    json.put("held_out_nulls", histogram.heldNulls()).put("drawn_nulls", histogram.drawnNulls());
  }

  private static void put(List<List<Double>> matrix, ArrayNode json) {
    for (List<Double> row : matrix) {
      row.forEach(json.addArray()::add);
    }
  }

  /**
   * The pictures in the directory of an evaluation; empty if it has none.
   *
   * @throws dev.ancestral.AncestralException (DATA) if they are damaged
   */
  public static Optional<TablePictures> read(Storage storage, String directory) {
    Path file = new Path(storage.path(directory), FILE);
    if (!storage.exists(file)) {
      return Optional.empty();
    }
    JsonNode json = SealedJson.open(storage.read(file, SealedJson.MOST_BYTES), file.toString());
    List<Histogram> histograms = new ArrayList<>();
    json.path(COLUMNS).forEach(column -> histograms.add(histogram(column)));
    return Optional.of(
        new TablePictures(
            json.path("inputs").asText(),
            histograms,
            new Associations(
                matrix(json.path(ASSOCIATIONS).path(HELD)),
                matrix(json.path(ASSOCIATIONS).path(DRAWN))),
            new RocCurve(
                numbers(json.path(DETECTOR).path("false_positive_rate")),
                numbers(json.path(DETECTOR).path("true_positive_rate"))),
            json.has(CLOSEST) ? Optional.of(histogram(json.path(CLOSEST))) : Optional.empty()));
  }

  private static Histogram histogram(JsonNode json) {
    List<String> labels = new ArrayList<>();
    json.path("labels").forEach(label -> labels.add(label.asText()));
    return new Histogram(
        json.path("name").asText(),
        json.path("category").asBoolean(),
        labels,
        counts(json.path(HELD)),
        counts(json.path(DRAWN)),
        json.path("held_out_nulls").asLong(),
        json.path("drawn_nulls").asLong());
  }

  private static List<Long> counts(JsonNode json) {
    List<Long> counts = new ArrayList<>();
    json.forEach(count -> counts.add(count.asLong()));
    return counts;
  }

  private static List<Double> numbers(JsonNode json) {
    List<Double> numbers = new ArrayList<>();
    json.forEach(number -> numbers.add(number.asDouble()));
    return numbers;
  }

  private static List<List<Double>> matrix(JsonNode json) {
    List<List<Double>> rows = new ArrayList<>();
    json.forEach(row -> rows.add(numbers(row)));
    return rows;
  }
}
