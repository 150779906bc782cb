package dev.ancestral.oracle;

import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import java.util.Arrays;

/**
 * Every event of a small discrete space, numbered: the number of an event has its elements as
 * digits in base {@code levels}, the first one lowest.
 *
 * @param event what an example is
 * @param steps of every sequence; 1 for events of fixed shape
 */
record EnumeratedEvents(EventSpec event, int steps) {

  int elements() {
    return steps * event.size();
  }

  int count() {
    return (int) Math.round(Math.pow(event.levels(), elements()));
  }

  /** All of them, in the order of their numbers. */
  Batch all() {
    int n = count();
    int d = elements();
    float[] values = new float[n * d];
    long[] ids = new long[n];
    for (int i = 0; i < n; i++) {
      ids[i] = i;
      int rest = i;
      for (int k = 0; k < d; k++) {
        values[i * d + k] = rest % event.levels();
        rest /= event.levels();
      }
    }
    // Labels, where the event has them, are a condition and no part of the number.
    return new Batch(event, ids, values, null, lengths(n));
  }

  /** The number of example i of a batch. */
  int number(Batch batch, int i) {
    int number = 0;
    for (int k = elements() - 1; k >= 0; k--) {
      number = number * event.levels() + (int) batch.values()[i * elements() + k];
    }
    return number;
  }

  int[] lengths(int n) {
    if (!event.variableLength()) {
      return null;
    }
    int[] lengths = new int[n];
    Arrays.fill(lengths, steps);
    return lengths;
  }
}
