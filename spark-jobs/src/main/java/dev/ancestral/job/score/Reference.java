package dev.ancestral.job.score;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ancestral.data.SealedJson;
import java.io.Serializable;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * What is usual: the scores of held-out rows, with which a score is compared.
 *
 * @param sorted scores of held-out examples in nats, ascending
 * @param columnMeans mean of log p of each column given the others over those of them in which it
 *     is finite; NaN where there are none, and empty for models that do not tell of columns
 */
record Reference(double[] sorted, double[] columnMeans) implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final int MOST_COLUMNS = 3;

  /** Of scores in any order. */
  static Reference of(double[] nats, double[] columnMeans) {
    double[] sorted = nats.clone();
    Arrays.sort(sorted);
    return new Reference(sorted, columnMeans);
  }

  /** A number near the mean score, infinities left out. */
  double mean() {
    return Arrays.stream(sorted).filter(Double::isFinite).average().orElse(0);
  }

  /** The share of held-out examples whose score is lower or equal, from 0 to 1. */
  double percentile(double nats) {
    int low = 0;
    int high = sorted.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (sorted[middle] <= nats) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return (double) low / sorted.length;
  }

  /**
   * The columns that are less probable given the others than they are on average, by the greatest
   * difference first, three at most.
   *
   * @param logProb of each column given the others; NaN where it is not observed
   * @return indices of columns
   */
  int[] leastLikely(double[] logProb) {
    int[] chosen = new int[MOST_COLUMNS];
    int count = 0;
    for (int c = 0; c < logProb.length; c++) {
      double difference = logProb[c] - columnMeans[c];
      if (!(difference < 0)) { // Nor where either is NaN.
        continue;
      }
      int at = count;
      while (at > 0 && difference < logProb[chosen[at - 1]] - columnMeans[chosen[at - 1]]) {
        at--;
      }
      if (at < MOST_COLUMNS) {
        int last = Math.min(count, MOST_COLUMNS - 1);
        System.arraycopy(chosen, at, chosen, at + 1, last - at);
        chosen[at] = c;
        count = last + 1;
      }
    }
    return Arrays.copyOf(chosen, count);
  }

  /** As a file. */
  byte[] toJson(String inputs) {
    ObjectNode json = SealedJson.object();
    json.put("inputs", inputs);
    put(json.putArray("column_means"), columnMeans);
    put(json.putArray("sorted_nats"), sorted);
    return SealedJson.seal(json);
  }

  private static void put(ArrayNode array, double[] values) {
    for (double value : values) {
      array.add(String.valueOf(value)); // JSON has no number for an infinity.
    }
  }

  /**
   * The one in a file, or null if it is of other inputs.
   *
   * @throws dev.ancestral.AncestralException (DATA) if the file is damaged
   */
  static Reference parse(byte[] file, String inputs, String where) {
    ObjectNode json = SealedJson.open(file, where);
    return json.path("inputs").asText().equals(inputs)
        ? new Reference(numbers(json.path("sorted_nats")), numbers(json.path("column_means")))
        : null;
  }

  private static double[] numbers(JsonNode array) {
    return IntStream.range(0, array.size())
        .mapToDouble(i -> Double.parseDouble(array.get(i).asText()))
        .toArray();
  }
}
