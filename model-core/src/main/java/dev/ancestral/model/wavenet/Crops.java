package dev.ancestral.model.wavenet;

import dev.ancestral.model.Batch;
import dev.ancestral.model.Network;
import dev.ancestral.random.RandomKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Cuts sequences into parts that know what came before them.
 *
 * <p>A part of a sequence is its steps ({@code x}, {@code length}) and {@link #CONTEXT}, the levels
 * of the L steps before, with start symbols where the sequence had not begun. L is the receptive
 * field, or less where no part of the batch begins that late; it is left out when it is 0.
 *
 * @param receptiveField steps that can influence a step
 * @param startSymbol stands for a step before the first
 */
record Crops(int receptiveField, int startSymbol) {
  /** Input [B, L]: the levels before the first step. */
  static final String CONTEXT = "context";

  /** Input [B, 1]: parts that the sequence was cut into. */
  static final String PARTS = "parts";

  /**
   * One part of each sequence, every part equally likely. A sequence of T steps has n = ⌈T / most⌉
   * parts, as equal as whole steps allow, so n log p(part | context) has the mean log p(sequence).
   *
   * @param most steps of a part
   * @param key of the epoch; example id uses {@code key.fold(id)}
   */
  Network.View drawn(Batch batch, int most, RandomKey key) {
    int[] from = new int[batch.size()];
    int[] to = new int[batch.size()];
    float[] parts = new float[batch.size()];
    for (int i = 0; i < from.length; i++) {
      int steps = batch.lengths()[i];
      int n = Math.max(1, (steps + most - 1) / most);
      long part = key.fold(batch.ids()[i]).below(0, n);
      from[i] = (int) (part * steps / n);
      to[i] = (int) ((part + 1) * steps / n);
      parts[i] = n;
    }
    Network.View view = view(batch, from, to);
    Map<String, float[]> extras = new HashMap<>(view.extras());
    extras.put(PARTS, parts);
    return new Network.View(view.batch(), extras);
  }

  /** All parts of every sequence, each of at most so many steps. */
  List<Network.View> all(Batch batch, int most) {
    if (batch.steps() <= most) {
      return List.of(Network.View.whole(batch));
    }
    List<Network.View> pieces = new ArrayList<>();
    int[] lengths = batch.lengths();
    for (int start = 0; start < batch.steps(); start += most) {
      int first = start;
      int end = Math.min(batch.steps(), start + most);
      pieces.add(
          view(
              batch,
              Arrays.stream(lengths).map(length -> Math.min(length, first)).toArray(),
              Arrays.stream(lengths).map(length -> Math.min(length, end)).toArray()));
    }
    return pieces;
  }

  private Network.View view(Batch batch, int[] from, int[] to) {
    int rows = batch.size();
    int[] lengths = new int[rows];
    int steps = 0;
    int context = 0;
    for (int i = 0; i < rows; i++) {
      lengths[i] = to[i] - from[i];
      steps = Math.max(steps, lengths[i]);
      if (lengths[i] > 0) {
        context = Math.max(context, Math.min(receptiveField, from[i]));
      }
    }
    float[] values = new float[rows * steps];
    float[] before = new float[rows * context];
    Arrays.fill(before, startSymbol);
    for (int i = 0; i < rows; i++) {
      int row = i * batch.steps();
      System.arraycopy(batch.values(), row + from[i], values, i * steps, lengths[i]);
      int known = Math.min(context, from[i]);
      System.arraycopy(
          batch.values(), row + from[i] - known, before, (i + 1) * context - known, known);
    }
    return new Network.View(
        new Batch(batch.event(), batch.ids(), values, batch.labels(), lengths),
        context == 0 ? Map.of() : Map.of(CONTEXT, before));
  }
}
