package dev.ancestral.data;

import dev.ancestral.model.Batch;
import java.util.Iterator;
import java.util.stream.IntStream;

/**
 * One example as it is stored.
 *
 * @param id global and unique in its dataset
 * @param payload its elements as {@link Payload} lays them out
 * @param label its class, or {@link #NONE}
 * @param length its number of steps, or {@link #NONE} where the event has a fixed shape
 */
public record Example(long id, byte[] payload, int label, int length) {
  /** Stands for a label or length that the event does not have. */
  public static final int NONE = -1;

  /** The examples of a batch, without the padding of sequences. */
  public static Iterator<Example> of(Batch batch) {
    int stride = batch.steps() * batch.event().size();
    return IntStream.range(0, batch.size())
        .mapToObj(
            i ->
                new Example(
                    batch.ids()[i],
                    Payload.encode(
                        batch.event(),
                        batch.values(),
                        i * stride,
                        Math.toIntExact(batch.elements(i))),
                    batch.labels() == null ? NONE : batch.labels()[i],
                    batch.lengths() == null ? NONE : batch.lengths()[i]))
        .iterator();
  }
}
