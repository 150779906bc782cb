package dev.ancestral.model.network;

import dev.ancestral.model.Batch;
import dev.ancestral.model.Network;
import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.Tensor;
import dev.ancestral.tensor.TensorMap;
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
public record Crops(int receptiveField, int startSymbol) {
  /** Input [B, L]: the levels before the first step. */
  public static final String CONTEXT = "context";

  /** Input [B, 1]: parts that the sequence was cut into. */
  public static final String PARTS = "parts";

  /**
   * One part of each sequence, every part equally likely. A sequence of T steps has n = ⌈T / most⌉
   * parts, as equal as whole steps allow, so n log p(part | context) has the mean log p(sequence).
   *
   * @param most steps of a part
   * @param key of the epoch; example id uses {@code key.fold(id)}
   */
  public Network.View drawn(Batch batch, int most, RandomKey key) {
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
  public List<Network.View> all(Batch batch, int most) {
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

  /**
   * The levels of a batch and those before it, step-major.
   *
   * @param levels of the steps −L to T − 1, [L + T, B]
   * @param known L
   * @param steps T
   * @param batch B
   */
  public record Past(Tensor levels, long known, long steps, long batch) {

    /** What the inputs say: {@code x}, and {@code context} where there is one. */
    public static Past of(TensorMap inputs) {
      long[] shape = inputs.get("x").shape(); // [B, T, 1]
      Tensor levels = inputs.get("x").reshape(shape[0], shape[1]); // [B, T]
      long known = 0;
      if (inputs.contains(CONTEXT)) {
        Tensor context = inputs.get(CONTEXT); // [B, L]
        known = context.shape()[1];
        levels = context.concat(1, levels); // [B, L + T]
      }
      return new Past(levels.permute(1, 0), known, shape[1], shape[0]);
    }

    /** This past, with start symbols before it where it knows less than that many steps. */
    public Past reaching(long early, int startSymbol) {
      if (early <= known) {
        return this;
      }
      Tensor start = levels.engine().full(startSymbol, early - known, batch);
      return new Past(start.concat(0, levels), early, steps, batch);
    }

    /** The levels of the steps {@code from} to {@code to} − 1, [(to − from) B]. */
    public Tensor levels(long from, long to) {
      return levels.slice(0, known + from, known + to).reshape(-1);
    }

    /** The rows of the steps 0 to T − 1 of activations that begin {@code early} steps before. */
    public Tensor ofEvent(Tensor activations, long early) {
      return early == 0
          ? activations
          : activations.slice(0, early * batch, (early + steps) * batch);
    }
  }
}
